"""What every `Authority` promises to those who need a certificate."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from certwright.authorities.authority import (
    Authority,
    CertificateRequest,
    IssuedCertificate,
    Memory,
    Progress,
    request_for,
)
from certwright.database.tables import certificates
from certwright.lifecycle.trust import authorities_at_hand
from certwright.stores.database import find_certificate, list_self_issued
from certwright.stores.place import PERSONAL, TRUSTED_ROOT
from certwright.x509.certificate import Certificate
from certwright.x509.chains import verify_chain
from certwright.x509.keys import KeyType, generate_private_key, key_fingerprint
from certwright.x509.names import parse_server_name

from ..unit.composed_server import VAULT
from .authority_makers import MAKERS, NOW

NAMES = ("todd.corp.example", "192.0.2.7", "2001:db8::7", "xn--bcher-kva.example")


@pytest.fixture(params=MAKERS)
def authority(request: pytest.FixtureRequest, database: Engine, tmp_path: Path) -> Authority:
    return MAKERS[request.param](database, tmp_path)


Wanted = Callable[..., CertificateRequest]
Issue = Callable[..., IssuedCertificate]


@pytest.fixture
def now() -> datetime:
    """The moment at which everything is asked."""
    return NOW


@pytest.fixture
def names() -> tuple[str, ...]:
    """Names that the authority will certify together."""
    return NAMES


@pytest.fixture
def root_of() -> Callable[[IssuedCertificate], Certificate]:
    """The root that a chain should lead to."""

    def root_of(issued: IssuedCertificate) -> Certificate:
        assert issued.root is not None
        return issued.root

    return root_of


@pytest.fixture
def wanted(database: Engine, now: datetime) -> Wanted:
    """Requests for 30 days with a key of their own, which lies in the vault as it does always."""

    def wanted(*names: str, key_type: KeyType = KeyType.EC_P256) -> CertificateRequest:
        key = generate_private_key(key_type)
        with database.begin() as connection:
            VAULT.add(connection, key, now)
        server_names = tuple(map(parse_server_name, names or NAMES[:1]))
        return request_for(key, server_names, timedelta(days=30), "ada")

    return wanted


@pytest.fixture
def issue(authority: Authority, now: datetime) -> Issue:
    """Issues in one go."""

    def issue(request: CertificateRequest, progress: Progress | None = None) -> IssuedCertificate:
        issued = authority.issue(request, progress or Progress(), now)
        assert isinstance(issued, IssuedCertificate)
        return issued

    return issue


@pytest.mark.parametrize("key_type", [KeyType.EC_P256, KeyType.EC_P384, KeyType.RSA_2048])
def test_leaf_is_for_the_names_and_the_key_that_were_asked_for(
    issue: Issue, wanted: Wanted, names: tuple[str, ...], key_type: KeyType
) -> None:
    request = wanted(*names, key_type=key_type)
    issued = issue(request)
    assert issued.leaf.key_fingerprint == key_fingerprint(request.public_key)
    assert all(issued.leaf.covers(name) for name in request.names)
    assert issued.leaf.common_name == names[0]


def test_chain_leads_to_its_root_for_as_long_as_was_asked(
    issue: Issue,
    wanted: Wanted,
    now: datetime,
    root_of: Callable[[IssuedCertificate], Certificate],
) -> None:
    request = wanted()
    (name,) = request.names
    issued = issue(request)
    leaf, above, roots = issued.leaf, issued.intermediates, [root_of(issued)]
    for at in (max(now, leaf.not_before), now + timedelta(days=29)):
        verdict = verify_chain(leaf, above, roots, name, at)
        assert verdict.ok, verdict.reason
    late = leaf.not_after + timedelta(seconds=1)
    assert not verify_chain(leaf, above, roots, name, late).ok


def test_each_certificate_is_kept_and_has_a_serial_number_of_its_own(
    issue: Issue, wanted: Wanted, database: Engine
) -> None:
    request = wanted()
    issued = [issue(request).leaf for _ in range(3)]
    assert len({leaf.serial for leaf in issued}) == 3
    with database.connect() as connection:
        for leaf in issued:
            stored = find_certificate(connection, leaf.fingerprint)
            assert stored.certificate == leaf
            assert stored.has_private_key
            assert stored.place == PERSONAL


def test_what_stands_above_is_kept_too_and_no_root_is_trusted_by_that(
    issue: Issue, wanted: Wanted, database: Engine
) -> None:
    with database.connect() as connection:
        trusted = list_self_issued(connection, [TRUSTED_ROOT])
        issued = issue(wanted())
        assert set(issued.intermediates) <= set(authorities_at_hand(connection))
        assert list_self_issued(connection, [TRUSTED_ROOT]) == trusted


def test_who_asks_again_with_what_was_remembered_gets_the_same_certificate(
    issue: Issue, wanted: Wanted
) -> None:
    request = wanted()
    remembered: list[Memory] = []
    first = issue(request, Progress(remember=remembered.append))
    again = issue(request, Progress(remembered[-1]))
    assert again == first


class Killed(Exception):  # noqa: N818 - what became of the process
    """The process ends here."""


@pytest.mark.parametrize("is_kept", [False, True], ids=["before", "after"])
def test_a_request_interrupted_at_any_step_it_remembers_gets_exactly_one_certificate(
    authority: Authority,
    issue: Issue,
    wanted: Wanted,
    database: Engine,
    now: datetime,
    is_kept: bool,
) -> None:
    steps = 0
    while True:
        request = wanted()
        kept: list[Memory] = [{}]
        countdown = count(steps, -1)

        def remember(
            memory: Memory, kept: list[Memory] = kept, countdown: Iterator[int] = countdown
        ) -> None:
            is_last = next(countdown) == 0
            if not is_last or is_kept:
                kept.append(json.loads(json.dumps(memory)))
            if is_last:
                raise Killed

        try:
            authority.issue(request, Progress(remember=remember), now)
        except Killed:
            issued = issue(request, Progress(kept[-1], kept.append))
            assert held_for(database, request) == [issued.leaf.fingerprint]
        else:
            break
        steps += 1
    assert steps > 0


def held_for(database: Engine, request: CertificateRequest) -> list[str]:
    with database.connect() as connection:
        return list(
            connection.scalars(
                select(certificates.c.fingerprint).where(
                    certificates.c.key_fingerprint == key_fingerprint(request.public_key)
                )
            )
        )
