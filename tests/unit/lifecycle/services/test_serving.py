"""A certificate of which the settings hold only the thumbprint is seen by a handshake."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from certwright.lifecycle.services.serving import with_served
from certwright.machine.services.service import Address, FoundEndpoint

from ...foreign_authority import ForeignAuthority, Issued
from ...machine.servers import closing, serving

NAME = "service.corp.example"


@pytest.fixture
def issued(company: ForeignAuthority) -> Issued:
    return company.issue([NAME])


@pytest.fixture
def port(issued: Issued, tmp_path: Path) -> Iterator[int]:
    """Where it is served."""
    file = tmp_path / "served.pem"
    file.write_bytes(issued.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    def answer(connection: socket.socket, _: object) -> None:
        context.wrap_socket(connection, server_side=True).close()

    with serving(answer) as made:
        yield made


def found(thumbprint: str, *ports: int, certificate: bytes = b"") -> FoundEndpoint:
    addresses = tuple(Address("127.0.0.1", one) for one in ports)
    return FoundEndpoint("web-server", (NAME,), addresses, "tls.json", thumbprint, certificate)


def test_one_that_is_served_under_the_thumbprint_is_taken_from_wherever_it_answers(
    issued: Issued, port: int
) -> None:
    with serving(closing) as silent:
        seen = with_served(found(issued.leaf.thumbprint, silent, port))
    assert seen.certificate == issued.leaf.der


def test_another_than_the_settings_name_is_not_believed(
    issued: Issued, company: ForeignAuthority, port: int
) -> None:
    other = found(company.issue([NAME]).leaf.thumbprint, port)
    assert with_served(other) == other


def test_nobody_is_asked_where_nothing_is_chosen_or_the_certificate_is_known(
    issued: Issued, port: int
) -> None:
    for one in (found("", port), found(issued.leaf.thumbprint, port, certificate=b"known")):
        assert with_served(one) == one
