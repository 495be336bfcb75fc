"""A real ACME server, the DNS server that it asks, and servers that answer its challenges."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.interop.acme.dns_server import DnsServer, running_dns_server
from tests.interop.acme.faulty_proxy import FaultyProxy, faulty_proxy
from tests.interop.acme.pebble import Pebble, running_pebble
from tests.interop.acme.responders import (
    HttpResponder,
    TlsResponder,
    http_responder,
    tls_responder,
)


@pytest.fixture(scope="session")
def dns_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DnsServer]:
    """Shared by all tests: each uses names of its own, or leaves nothing behind."""
    with running_dns_server(tmp_path_factory.mktemp("knot")) as server:
        yield server


@pytest.fixture(scope="session")
def pebble(tmp_path_factory: pytest.TempPathFactory, dns_server: DnsServer) -> Iterator[Pebble]:
    """Shared by all tests: each has an account of its own."""
    with running_pebble(tmp_path_factory.mktemp("pebble"), dns_server.port) as running:
        yield running


@pytest.fixture
def http(pebble: Pebble) -> Iterator[HttpResponder]:
    """Answers http-01 where pebble looks."""
    with http_responder(pebble.http_port) as responder:
        yield responder


@pytest.fixture
def tls(pebble: Pebble, tmp_path: Path) -> Iterator[TlsResponder]:
    """Answers tls-alpn-01 where pebble looks."""
    with tls_responder(pebble.tls_port, tmp_path) as responder:
        yield responder


@pytest.fixture
def proxy(pebble: Pebble) -> Iterator[FaultyProxy]:
    """Stands before pebble."""
    with faulty_proxy(pebble) as running:
        yield running
