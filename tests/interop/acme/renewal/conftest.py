"""A node's operations that serve one certificate and are to renew it at pebble, by a bad proxy."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from tests.interop.acme.dns_server import KEY_NAME, DnsServer
from tests.interop.acme.faulty_proxy import FaultyProxy, faulty_proxy
from tests.interop.acme.pebble import Pebble
from tests.interop.acme.responders import HttpResponder, http_responder
from tests.unit.composed_server import Clock, compose_server, root_key_folder
from tests.unit.lifecycle.conftest import served_at
from tests.unit.tls_front import TlsFront

from certwright.access.rights import Caller, Right
from certwright.authorities.acme.account_keeping import forget_account
from certwright.authorities.acme.authority import AcmeAuthority
from certwright.authorities.acme.challenges import ChallengeKind
from certwright.authorities.authority import Authority
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.lifecycle.activation import activate
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.renewal.advancing import Surroundings, advance
from certwright.lifecycle.renewal.deciding import decline
from certwright.lifecycle.renewal.record import (
    Renewal,
    RenewalState,
    Wanted,
    begin_renewal,
    get_renewal,
    keep_renewal,
    unfinished_renewals,
)
from certwright.lifecycle.server import Server
from certwright.services.endpoints import OwnEndpoint, RenewalKey
from certwright.x509.keys import KeyType
from certwright.x509.names import parse_server_name

ADMIN = Caller("ada", Right.ADMIN)
SURROUNDINGS = Surroundings(chance=lambda: 0.5, zone=UTC)
OTHER_SECRET = "T3RoZXJTZWNyZXRPZlRoZVNhbWVMZW5ndGg0NzExMjM="


@dataclass(frozen=True)
class Way:
    """From what is served to what pebble issues; `again` is the same node after a restart."""

    server: Server
    again: Server
    proxy: FaultyProxy
    http: HttpResponder
    clock: Clock

    def begin(self, name: str = "todd.corp.example", authority: str = "public") -> int:
        """Begin a renewal of what is served, whose new root somebody agreed to beforehand."""
        wanted = Wanted(
            certificate=self.served(),
            names=(parse_server_name(name),),
            authority=authority,
            key=RenewalKey.NEW,
            key_type=KeyType.EC_P256,
            lifetime=timedelta(days=90),
            actor="ada",
            reason="asked for",
        )
        with self.server.database.begin() as connection:
            identifier = begin_renewal(connection, wanted, self.clock())
            assert identifier is not None
            keep_renewal(connection, replace(get_renewal(connection, identifier), agreed=True))
        return identifier

    def advance(self, identifier: int) -> Renewal:
        """Take it as far as it goes now."""
        return advance(self.server, identifier, SURROUNDINGS)

    def fail(self, name: str = "todd.corp.example", authority: str = "public") -> Renewal:
        """A renewal that cannot succeed now: it is put off, and the former one is served on."""
        former = self.served()
        identifier = self.begin(name, authority)
        failed = self.advance(identifier)
        assert failed.state is RenewalState.WAITING
        assert failed.again_at is not None
        assert failed.again_at > self.clock()
        assert failed.issued is None
        assert failed.steps[-1].sentence == failed.sentence
        assert failed.steps[-1].ok is False
        assert failed.sentence.startswith(f"No certificate from {authority}. ")
        assert self.served() == former
        assert not self.http.answers
        return failed

    def served(self) -> str:
        """The fingerprint of what both endpoints serve."""
        (one,) = {served_at(self.server, endpoint).fingerprint for endpoint in OwnEndpoint}
        return one


@pytest.fixture(scope="module")
def module_way(
    module_database: Engine,
    pebble: Pebble,
    dns_server: DnsServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Way]:
    """Both endpoints proven with the internal authority's certificate, and four authorities."""
    # Pebble issues from this very moment on, and the clock stands still.
    front, clock = TlsFront(), Clock(datetime.now(UTC) + timedelta(minutes=30))
    folder = root_key_folder(tmp_path_factory.mktemp("keys"))
    front.go_up()
    try:
        with http_responder(pebble.http_port) as http, faulty_proxy(pebble) as proxy:
            server, again = (
                _quick(
                    compose_server(
                        *(module_database, front, front.ports, clock, folder),
                        responders={ChallengeKind.HTTP_01: http},
                        machine_roots=(pebble.root(),),
                    )
                )
                for _ in range(2)
            )
            _take_on(server, proxy, dns_server)
            provide_certificate(server, None)
            for endpoint in OwnEndpoint:
                assert activate(server, endpoint, ADMIN).state == "proven"
            yield Way(server, again, proxy, http, clock)
    finally:
        front.go_down()


@pytest.fixture
def way(module_way: Way) -> Iterator[Way]:
    """The same, with nothing wrong yet; what a test leaves under way or paused is ended.

    Its accounts are forgotten: pebble may take the proof of a name that the same account gave for
    an earlier order, and the next test would not see its own fail.
    """
    proxy, server = module_way.proxy, module_way.server
    yield module_way
    for left in (proxy.faults, proxy.edits, proxy.calls):
        left.clear()
    with server.database.connect() as connection:
        under_way = unfinished_renewals(connection)
    for authority in server.authorities.list():
        with server.database.begin() as connection:
            forget_account(connection, server.vault, authority.name)
    for renewal in under_way:
        decline(server, renewal.id, caller=ADMIN)


def _take_on(server: Server, proxy: FaultyProxy, dns_server: DnsServer) -> None:
    told = {
        "directory": proxy.directory,
        "ca_pem": proxy.pebble.ca_pem,
        "challenge": "http-01",
        "http_port": proxy.pebble.http_port,
    }
    dns = {
        "rfc2136": {"server": dns_server.place, "key_name": KEY_NAME},
        "wait_seconds": 1,
        "servers": [dns_server.place],
    }
    by_dns = told | {"challenge": "dns-01", "dns": dns}
    records = (
        AuthorityRecord("public", AuthorityKind.ACME, told),
        AuthorityRecord("absent", AuthorityKind.ACME, told | {"directory": "https://127.0.0.1:1/"}),
        AuthorityRecord("impatient", AuthorityKind.ACME, told),
        AuthorityRecord("by-dns", AuthorityKind.ACME, by_dns, {"tsig_secret": OTHER_SECRET}),
    )
    with server.database.begin() as connection:
        for record in records:
            server.authorities.records.add(connection, record, server.now())


def _quick(server: Server) -> Server:
    """`server`, whose authorities poll quickly; "impatient" waits for two seconds, no longer."""
    made = server.authorities.makers[AuthorityKind.ACME]

    def make(record: AuthorityRecord) -> Authority:
        authority = made(record)
        assert isinstance(authority, AcmeAuthority)
        seconds = 2.0 if record.name == "impatient" else authority.exchange_seconds
        return replace(authority, exchange_seconds=seconds, poll=timedelta(milliseconds=20))

    makers = {**server.authorities.makers, AuthorityKind.ACME: make}
    return replace(server, authorities=replace(server.authorities, makers=makers))
