"""An ACME authority of a node: taken on after a look, with an account that is kept."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from tests.interop.acme.dns_server import KEY_NAME, SECRET, DnsServer
from tests.interop.acme.pebble import EAB_HMAC_KEY, EAB_IDENTIFIER, Pebble, running_pebble
from tests.interop.acme.responders import HttpResponder
from tests.unit.composed_server import VAULT, Clock, compose_server, root_key_folder
from tests.unit.tls_front import TlsFront

from certwright.access.rights import Caller, Right
from certwright.authorities.acme.authority import AcmeAuthority
from certwright.authorities.acme.challenges import ChallengeKind
from certwright.authorities.authority import (
    IssuanceFailed,
    IssuedCertificate,
    Progress,
    request_for,
)
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.database.node_tables import node_facts
from certwright.database.tables import private_keys
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.authorities import (
    change_authority,
    create_authority,
    remove_authority,
)
from certwright.lifecycle.server import Server
from certwright.stores.database import find_certificate
from certwright.x509.keys import KeyType, generate_private_key, key_fingerprint
from certwright.x509.names import parse_server_name

ADMIN = Caller("ada", Right.ADMIN)
ComposeNode = Callable[..., Server]


@pytest.fixture
def node(database: Engine, tmp_path: Path) -> ComposeNode:
    """A node on the test's database, with the clock of this machine."""
    front = TlsFront()
    clock = Clock(datetime.now(UTC))
    return partial(compose_server, database, front, front.ports, clock, root_key_folder(tmp_path))


def public(pebble: Pebble, challenge: str = "http-01", **settings: Any) -> AuthorityRecord:
    told = {"directory": pebble.directory, "ca_pem": pebble.ca_pem, "challenge": challenge}
    return AuthorityRecord("public", AuthorityKind.ACME, told | settings)


def issue(server: Server) -> IssuedCertificate:
    key = generate_private_key(KeyType.EC_P256)
    with server.database.begin() as connection:
        VAULT.add(connection, key, server.now())
    names = (parse_server_name("todd.corp.example"),)
    request = request_for(key, names, timedelta(days=90), "ada")
    issued = server.authorities.get("public").issue(request, Progress(), datetime.now(UTC))
    assert isinstance(issued, IssuedCertificate)
    return issued


def keys(server: Server) -> int:
    with server.database.connect() as connection:
        return connection.scalar(select(func.count()).select_from(private_keys)) or 0


def test_it_is_taken_on_issues_with_one_account_and_is_forgotten_with_it(
    pebble: Pebble, http: HttpResponder, node: ComposeNode
) -> None:
    server = node(responders={ChallengeKind.HTTP_01: http})
    before = keys(server)
    made = create_authority(server, public(pebble), caller=ADMIN)
    assert made.found.startswith(f"The directory at {pebble.directory} answers.")
    assert keys(server) == before  # to look needs no account
    issued = issue(server)
    authority = server.authorities.get("public")
    assert isinstance(authority, AcmeAuthority)
    fingerprint = key_fingerprint(authority.account.key.public_key())
    address = authority.account.find(fingerprint)
    assert address is not None
    assert address.startswith("https://")
    again = node(responders={ChallengeKind.HTTP_01: http})  # as after a restart
    issue(again)
    reopened = again.authorities.get("public")
    assert isinstance(reopened, AcmeAuthority)
    assert key_fingerprint(reopened.account.key.public_key()) == fingerprint
    assert reopened.account.find(fingerprint) == address
    assert keys(server) == before + 3  # the account's and one a certificate
    with server.database.connect() as connection:
        assert find_certificate(connection, issued.leaf.fingerprint).has_private_key
        with pytest.raises(CertwrightError) as kept_here:
            VAULT.export(connection, fingerprint)
    assert kept_here.value.code is ErrorCode.KEY_NOT_EXPORTABLE
    remove_authority(server, "public", caller=ADMIN)
    assert keys(server) == before + 2
    with server.database.connect() as connection:
        facts = connection.scalars(select(node_facts.c.name)).all()
    assert not [name for name in facts if name.startswith("acme-account")]


def test_an_address_counts_for_the_directory_that_gave_it(
    pebble: Pebble, http: HttpResponder, node: ComposeNode
) -> None:
    server = node(responders={ChallengeKind.HTTP_01: http})
    create_authority(server, public(pebble), caller=ADMIN)
    issue(server)
    elsewhere = pebble.directory.replace("/dir", "/dir?other")
    told = {**public(pebble).settings, "directory": elsewhere}
    change_authority(server, "public", told, {}, caller=ADMIN)
    authority = server.authorities.get("public")
    assert isinstance(authority, AcmeAuthority)
    assert authority.account.find(key_fingerprint(authority.account.key.public_key())) is None
    issue(server)  # the same key at the same server: the account is found again


def test_dns_01_is_told_its_server_and_its_secret(
    pebble: Pebble, dns_server: DnsServer, node: ComposeNode
) -> None:
    server = node()
    dns = {
        "rfc2136": {"server": dns_server.place, "key_name": KEY_NAME},
        "wait_seconds": 10,
        "servers": [dns_server.place],
    }
    record = public(pebble, "dns-01", dns=dns)
    create_authority(
        server,
        AuthorityRecord(record.name, record.kind, record.settings, {"tsig_secret": SECRET}),
        caller=ADMIN,
    )
    assert issue(server).leaf.names == ("todd.corp.example",)


def test_a_directory_that_wants_customers_only_is_not_taken_on_without_their_key(
    tmp_path: Path, dns_server: DnsServer, http: HttpResponder, node: ComposeNode
) -> None:
    server = node(responders={ChallengeKind.HTTP_01: http})
    with running_pebble(tmp_path / "eab", dns_server.port, eab=True) as pebble:
        with pytest.raises(IssuanceFailed, match="known customers only"):
            create_authority(server, public(pebble), caller=ADMIN)
        record = AuthorityRecord(
            "public",
            AuthorityKind.ACME,
            {**public(pebble).settings, "eab_identifier": EAB_IDENTIFIER},
            {"eab_hmac_key": EAB_HMAC_KEY},
        )
        create_authority(server, record, caller=ADMIN)
    with pytest.raises(IssuanceFailed):  # it is gone now
        change_authority(server, "public", record.settings, record.secrets, caller=ADMIN)
    assert [one.name for one in server.authorities.list()] == ["internal", "public"]


@pytest.mark.parametrize(
    ("challenge", "dns", "code"),
    [
        ("dns-01", None, ErrorCode.INVALID_INPUT),
        ("by-mail", None, ErrorCode.INVALID_INPUT),
        (
            "dns-01",
            {"hook": {"program": "/bin/sh"}, "wait_seconds": 0, "servers": []},
            ErrorCode.NOT_PERMITTED,
        ),
    ],
)
def test_what_this_node_cannot_or_may_not_do_is_not_taken_on(
    pebble: Pebble, node: ComposeNode, challenge: str, dns: dict[str, Any] | None, code: ErrorCode
) -> None:
    server = node()
    settings = {} if dns is None else {"dns": dns}
    with pytest.raises(CertwrightError) as refused:
        create_authority(server, public(pebble, challenge, **settings), caller=ADMIN)
    assert refused.value.code is code
    assert [one.name for one in server.authorities.list()] == ["internal"]


def test_a_hook_is_taken_on_where_the_node_may_run_it(pebble: Pebble, node: ComposeNode) -> None:
    server = node(allowed_commands=frozenset({("/bin/true",)}))
    dns = {"hook": {"program": "/bin/true"}, "wait_seconds": 0, "servers": []}
    create_authority(server, public(pebble, "dns-01", dns=dns), caller=ADMIN)
