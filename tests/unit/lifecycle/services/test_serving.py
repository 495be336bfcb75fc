"""What a service serves under the thumbprint of its settings, seen by a handshake."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from certwright.lifecycle.services.serving import served_chain
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


def found(thumbprint: str, *ports: int) -> FoundEndpoint:
    addresses = tuple(Address("127.0.0.1", one) for one in ports)
    return FoundEndpoint("web-server", (NAME,), addresses, "tls.json", thumbprint, b"")


def test_it_is_taken_with_its_intermediates_and_no_root_from_wherever_it_answers(
    issued: Issued, port: int
) -> None:
    intermediate, _ = issued.chain
    with serving(closing) as silent:
        seen = served_chain(found(issued.leaf.thumbprint, silent, port))
    assert seen == (issued.leaf, intermediate)


def test_another_than_the_settings_name_is_not_believed(
    issued: Issued, company: ForeignAuthority, port: int
) -> None:
    assert served_chain(found(company.issue([NAME]).leaf.thumbprint, port)) == ()


def test_nobody_is_asked_where_nothing_is_chosen(port: int) -> None:
    assert served_chain(found("", port)) == ()
