"""What every `Authority` promises to those who need a certificate."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from certwright.authorities.authority import (
    Authority,
    CertificateRequest,
    IssuedCertificate,
    Memory,
    Progress,
    request_for,
)
from certwright.stores.database import find_certificate
from certwright.x509.chains import verify_chain
from certwright.x509.keys import (
    KeyType,
    PrivateKey,
    generate_private_key,
    key_fingerprint,
)
from certwright.x509.names import ServerName, parse_server_name

from ..unit.composed_server import Clock, compose_server, root_key_folder
from ..unit.tls_front import TlsFront

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NAMES = ("todd.corp.example", "192.0.2.7", "2001:db8::7", "xn--bcher-kva.example")


def _internal(database: Engine, folder: Path) -> Authority:
    front = TlsFront()
    return compose_server(
        database, front, front.ports, Clock(NOW), root_key_folder(folder)
    ).authority


MAKERS: dict[str, Callable[[Engine, Path], Authority]] = {"internal": _internal}
"""One entry for each module of `authorities`; all of them keep the promises below."""


@pytest.fixture(params=MAKERS)
def authority(request: pytest.FixtureRequest, database: Engine, tmp_path: Path) -> Authority:
    return MAKERS[request.param](database, tmp_path)


def wanted(names: tuple[ServerName, ...], key: PrivateKey) -> CertificateRequest:
    return request_for(key, names, timedelta(days=30), "ada")


def issue(
    authority: Authority, request: CertificateRequest, progress: Progress | None = None
) -> IssuedCertificate:
    issued = authority.issue(request, progress or Progress(), NOW)
    assert isinstance(issued, IssuedCertificate)
    return issued


@pytest.mark.parametrize("key_type", [KeyType.EC_P256, KeyType.EC_P384, KeyType.RSA_2048])
def test_leaf_is_for_the_names_and_the_key_that_were_asked_for(
    authority: Authority, key_type: KeyType
) -> None:
    key = generate_private_key(key_type)
    names = tuple(map(parse_server_name, NAMES))
    issued = issue(authority, wanted(names, key))
    assert issued.leaf.key_fingerprint == key_fingerprint(key.public_key())
    assert all(issued.leaf.covers(name) for name in names)
    assert issued.leaf.common_name == NAMES[0]


def test_chain_leads_to_the_root_it_names(authority: Authority) -> None:
    name = parse_server_name(NAMES[0])
    issued = issue(authority, wanted((name,), generate_private_key(KeyType.EC_P256)))
    assert issued.root is not None
    for at in (NOW, NOW - timedelta(minutes=4), NOW + timedelta(days=29)):
        verdict = verify_chain(issued.leaf, issued.intermediates, [issued.root], name, at)
        assert verdict.ok, verdict.reason
    late = NOW + timedelta(days=31)
    assert not verify_chain(issued.leaf, issued.intermediates, [issued.root], name, late).ok


def test_each_certificate_is_kept_and_has_a_serial_number_of_its_own(
    authority: Authority, database: Engine
) -> None:
    request = wanted((parse_server_name(NAMES[0]),), generate_private_key(KeyType.EC_P256))
    issued = [issue(authority, request).leaf for _ in range(3)]
    assert len({leaf.serial for leaf in issued}) == 3
    with database.connect() as connection:
        for leaf in issued:
            assert find_certificate(connection, leaf.fingerprint).certificate == leaf


def test_who_asks_again_with_what_was_remembered_gets_the_same_certificate(
    authority: Authority,
) -> None:
    request = wanted((parse_server_name(NAMES[0]),), generate_private_key(KeyType.EC_P256))
    remembered: list[Memory] = []
    first = issue(authority, request, Progress(remember=remembered.append))
    again = issue(authority, request, Progress(remembered[-1]))
    assert again == first
