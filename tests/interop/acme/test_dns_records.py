"""TXT records in a real DNS server, by each of the three ways, and waiting until they show."""

import json
import shlex
import ssl
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socket import socket

import dns.resolver
import pytest
from tests.interop.acme.accounts import authority_at, issue, wanted
from tests.interop.acme.dns_server import KEY_NAME, SECRET, ZONE, DnsServer
from tests.interop.acme.pebble import Pebble
from tests.interop.servers import LOOPBACK, free_port
from tests.unit.machine.servers import serving, silent

from certwright.authorities.acme.challenges import ChallengeKind
from certwright.authorities.acme.dns.acme_dns import AcmeDnsRecords
from certwright.authorities.acme.dns.responder import DnsResponder, dns_responder
from certwright.authorities.acme.dns.rfc2136 import Rfc2136Records
from certwright.authorities.acme.dns.settings import (
    AcmeDnsSettings,
    DnsSettings,
    HookSettings,
    Rfc2136Settings,
)
from certwright.authorities.acme.dns.settings import DnsServer as Place
from certwright.authorities.acme.dns.visibility import Visibility, _addresses
from certwright.authorities.acme.settings import AcmeSecrets
from certwright.authorities.authority import IssuanceFailed

DNS = ChallengeKind.DNS_01
NAME = f"_acme-challenge.records.{ZONE}"
OTHER_SECRET = "T3RoZXJTZWNyZXRPZlRoZVNhbWVMZW5ndGg0NzExMjM="


def records(running: DnsServer, **settings: str) -> Rfc2136Records:
    made = Rfc2136Settings(**{"server": running.place, "key_name": KEY_NAME, **settings})
    return Rfc2136Records(made, SECRET)


@pytest.mark.parametrize("zone", ["", ZONE])
def test_two_records_of_one_name_stand_side_by_side_and_go_one_by_one(
    dns_server: DnsServer, zone: str
) -> None:
    made = records(dns_server, zone=zone)
    made.add(NAME, "first")
    made.add(NAME, "second")
    made.add(NAME, "second")
    assert dns_server.texts(NAME) == {"first", "second"}
    made.remove(NAME, "first")
    made.remove(NAME, "first")
    assert dns_server.texts(NAME) == {"second"}
    made.remove(NAME, "second")
    assert dns_server.texts(NAME) == set()


@pytest.mark.parametrize(
    ("settings", "secret", "told"),
    [
        ({"key_name": "nobody"}, SECRET, "does not know the key"),
        ({"key_name": "stranger"}, SECRET, "or the key may not do this"),
        ({}, OTHER_SECRET, "the signature is wrong"),
        ({"algorithm": "hmac-sha512"}, SECRET, "does not know the key"),
        ({"zone": "other.example"}, SECRET, "its answer is damaged, or not signed"),
    ],
)
def test_a_server_that_does_not_take_a_record_is_told_with_what_to_compare(
    dns_server: DnsServer, settings: dict[str, str], secret: str, told: str
) -> None:
    made = Rfc2136Records(records(dns_server, **settings).settings, secret)
    with pytest.raises(IssuanceFailed, match=told) as failed:
        made.add(NAME, "value")
    assert secret not in failed.value.message + failed.value.remedy + repr(made)
    assert dns_server.texts(NAME) == set()


def test_a_name_in_no_zone_of_the_server_is_told(dns_server: DnsServer) -> None:
    with pytest.raises(IssuanceFailed, match="has no zone"):
        records(dns_server).add("_acme-challenge.todd.other.test", "value")


def test_a_server_that_is_not_there_or_silent_or_no_dns_is_told(dns_server: DnsServer) -> None:
    absent = records(dns_server, server=f"{LOOPBACK}:{free_port()}")
    with pytest.raises(IssuanceFailed, match="cannot be reached"):
        absent.add(NAME, "value")
    with serving(silent) as port:
        quiet = Rfc2136Records(Rfc2136Settings(f"{LOOPBACK}:{port}", KEY_NAME), SECRET, 0.3)
        with pytest.raises(IssuanceFailed, match=r"did not answer within 0\.3 seconds"):
            quiet.add(NAME, "value")

    def nonsense(connection: socket, _over: threading.Event) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 1000)

    with serving(nonsense) as port:
        strange = Rfc2136Records(Rfc2136Settings(f"{LOOPBACK}:{port}", KEY_NAME), SECRET)
        with pytest.raises(IssuanceFailed, match=r"damaged|no DNS|cannot be reached"):
            strange.add(NAME, "value")


def seen(server: DnsServer, seconds: float = 0.5) -> Visibility:
    return Visibility((Place(LOOPBACK, server.port),), seconds, sleep=lambda _: time.sleep(0.05))


def test_a_record_that_shows_is_waited_for_no_longer(dns_server: DnsServer) -> None:
    made = records(dns_server)
    made.add(NAME, "value")
    try:
        seen(dns_server, 30).wait([(NAME, "value")])
    finally:
        made.remove(NAME, "value")


def test_a_record_that_does_not_show_is_told_with_the_server(dns_server: DnsServer) -> None:
    told = f"{dns_server.place} did not show it after 0.5 seconds"
    with pytest.raises(IssuanceFailed, match=told):
        seen(dns_server).wait([(NAME, "value")])


def test_a_server_that_is_silent_does_not_count_if_another_shows_it(
    dns_server: DnsServer,
) -> None:
    made = records(dns_server)
    made.add(NAME, "value")
    nobody = Place(LOOPBACK, free_port())
    try:
        places = (nobody, Place(LOOPBACK, dns_server.port))
        Visibility(places, 30).wait([(NAME, "value")])
        with pytest.raises(IssuanceFailed, match="none of the servers of its zone answered"):
            Visibility((nobody,), 0.2, sleep=lambda _: time.sleep(0.05)).wait([(NAME, "value")])
    finally:
        made.remove(NAME, "value")


def test_the_servers_are_found_in_the_dns_also_behind_an_alias(
    dns_server: DnsServer,
) -> None:
    """The tests' server stands for the resolver too, and for port 53 of the one it names."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [LOOPBACK]
    resolver.port = dns_server.port
    looking = Visibility((), 30, resolver)
    target, servers = looking._servers_of(dns.name.from_text(f"_acme-challenge.alias.{ZONE}"))
    assert target == dns.name.from_text(f"proofs.{ZONE}")
    assert servers == (Place(LOOPBACK),)


def test_a_server_of_the_zone_that_has_no_address_does_not_count(dns_server: DnsServer) -> None:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [LOOPBACK]
    resolver.port = dns_server.port
    assert list(_addresses(resolver, f"lame.{ZONE}")) == []


def test_a_zone_that_cannot_be_found_is_told(dns_server: DnsServer) -> None:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [LOOPBACK]
    resolver.port = free_port()
    looking = Visibility((), 0.2, resolver, sleep=lambda _: time.sleep(0.05))
    with pytest.raises(IssuanceFailed, match="servers of its zone could not be found"):
        looking.wait([(NAME, "value")])


def test_no_time_to_wait_means_no_look() -> None:
    Visibility((Place("192.0.2.53"),), 0).wait([(NAME, "value")])


def test_a_program_adds_and_removes_the_records(
    pebble: Pebble, dns_server: DnsServer, tmp_path: Path
) -> None:
    """A script in Python that does the update, as an administrator would write one."""
    script = tmp_path / "record.py"
    script.write_text(
        "import sys, dns.update, dns.query, dns.tsig\n"
        f"key = dns.tsig.Key({KEY_NAME!r}, {SECRET!r}, 'hmac-sha256')\n"
        f"update = dns.update.UpdateMessage({ZONE + '.'!r}, keyring=key)\n"
        "action, name, value = sys.argv[1:]\n"
        "if action == 'add':\n"
        "    update.add(name + '.', 30, 'TXT', value)\n"
        "else:\n"
        "    update.delete(name + '.', 'TXT', value)\n"
        f"assert not dns.query.tcp(update, {LOOPBACK!r}, port={dns_server.port}).rcode()\n"
    )
    program = tmp_path / "record"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {script} "$@"\n')
    program.chmod(0o755)
    settings = DnsSettings(HookSettings(str(program)), 10, (dns_server.place,))
    responder = dns_responder(settings, AcmeSecrets())
    authority = authority_at(pebble.directory, pebble.ca_pem, DNS, responder, dns=settings)
    issued = issue(authority, wanted("*.sales.corp.example"))
    assert issued.leaf.names == ("*.sales.corp.example",)
    assert not dns_server.texts("_acme-challenge.sales.corp.example")


class AcmeDns:
    """An acme-dns server: its API over TLS, its records in the tests' DNS server."""

    USER = ("a-user", "a-password", "proofs")

    def __init__(self, dns_server: DnsServer) -> None:
        self.records = records(dns_server)
        self.values: list[str] = []

    def update(self, user: str | None, password: str | None, document: dict[str, str]) -> int:
        if (user, password, document["subdomain"]) != self.USER:
            return 401
        self.records.add(f"proofs.{ZONE}", document["txt"])
        self.values.append(document["txt"])
        while len(self.values) > 2:
            self.records.remove(f"proofs.{ZONE}", self.values.pop(0))
        return 200


@pytest.fixture
def acme_dns_url(pebble: Pebble, dns_server: DnsServer) -> Iterator[str]:
    server = AcmeDns(dns_server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pebble.identity)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = 404
            if self.path == "/update":
                headers = self.headers
                status = server.update(headers["X-Api-User"], headers["X-Api-Key"], document)
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Say nothing."""

    def answer(connection: socket, _over: threading.Event) -> None:
        connection.settimeout(10)
        with context.wrap_socket(connection, server_side=True) as stream:
            Handler(stream, (LOOPBACK, 0), None)  # type: ignore[arg-type]

    with serving(answer) as port:
        yield f"https://{LOOPBACK}:{port}"
    for value in server.values:
        server.records.remove(f"proofs.{ZONE}", value)


def acme_dns(url: str, ca_pem: str, servers: Sequence[str], password: str) -> DnsResponder:
    account = AcmeDnsSettings(url, *(AcmeDns.USER[0], AcmeDns.USER[2]))
    settings = DnsSettings(account, 10, tuple(servers))
    return dns_responder(settings, AcmeSecrets(acme_dns_password=password), ca_pem)


def test_acme_dns_proves_a_name_and_its_wildcard_by_an_alias(
    pebble: Pebble, dns_server: DnsServer, acme_dns_url: str
) -> None:
    responder = acme_dns(acme_dns_url, pebble.ca_pem, [dns_server.place], AcmeDns.USER[1])
    authority = authority_at(
        pebble.directory,
        pebble.ca_pem,
        DNS,
        responder,
        dns=DnsSettings(AcmeDnsSettings(acme_dns_url, "a-user", "proofs")),
    )
    issued = issue(authority, wanted("alias.corp.example", "*.alias.corp.example"))
    assert set(issued.leaf.names) == {"alias.corp.example", "*.alias.corp.example"}


def test_a_wrong_acme_dns_account_is_told_without_its_password(
    pebble: Pebble, acme_dns_url: str
) -> None:
    account = AcmeDnsSettings(acme_dns_url, "a-user", "proofs")
    made = AcmeDnsRecords(account, "wrong-4711", pebble.ca_pem)
    with pytest.raises(IssuanceFailed, match="HTTP status 401") as failed:
        made.add(NAME, "value")
    assert "one and the same account" in failed.value.remedy
    assert "wrong-4711" not in failed.value.message + failed.value.remedy + repr(made)
