"""HTTPS that no server can hold up, fill up or lead astray."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from socket import socket

import pytest
from requests import Session
from requests.exceptions import InvalidSchema

from certwright.authorities.acme.transport import MOST_BYTES, bounded_session, trust
from certwright.authorities.authority import IssuanceFailed

from ....materials.openssl_authority import OpensslAuthority
from ...machine.servers import serving, silent

Say = Callable[[ssl.SSLSocket, threading.Event], None]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> OpensslAuthority:
    made = OpensslAuthority.make(tmp_path_factory.mktemp("transport") / "ca")
    made.issue("here", alternative_names="IP:127.0.0.1")
    made.issue("elsewhere", alternative_names="DNS:elsewhere.example")
    return made


@pytest.fixture
def session(authority: OpensslAuthority) -> Iterator[Session]:
    with bounded_session(trust(authority.root.read_text()), 20.0) as made:
        yield made


@pytest.fixture
def hasty(authority: OpensslAuthority) -> Iterator[Session]:
    with bounded_session(trust(authority.root.read_text()), 1.0) as made:
        yield made


def secured(authority: OpensslAuthority, say: Say, name: str = "here") -> "Answer":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    chain = authority.folder / f"{name}-chain.pem"
    parts = (f"{name}.pem", "issuing.pem", f"{name}.key")
    chain.write_text("".join((authority.folder / part).read_text() for part in parts))
    context.load_cert_chain(chain)

    def answer(connection: socket, over: threading.Event) -> None:
        connection.settimeout(10)
        with context.wrap_socket(connection, server_side=True) as stream:
            stream.recv(65536)
            say(stream, over)

    return answer


Answer = Callable[[socket, threading.Event], None]


def saying(data: bytes) -> Say:
    return lambda stream, _: stream.sendall(data)


def dripping(stream: ssl.SSLSocket, over: threading.Event) -> None:
    for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 1000:
        if over.wait(0.05):
            return
        stream.sendall(bytes([letter]))


def endless(stream: ssl.SSLSocket, over: threading.Event) -> None:
    stream.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    with suppress(OSError):
        while not over.is_set():
            stream.sendall(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")


def endless_headers(stream: ssl.SSLSocket, over: threading.Event) -> None:
    with suppress(OSError):
        while not over.is_set():
            stream.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def get(session: Session, authority: OpensslAuthority, say: Say, name: str = "here") -> str:
    with serving(secured(authority, say, name)) as port:
        return session.get(f"https://127.0.0.1:{port}/directory").text


def test_an_answer_comes_whole(session: Session, authority: OpensslAuthority) -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nLink: <a>\r\nLink: <b>\r\n\r\n{}"
    with serving(secured(authority, saying(body))) as port:
        answer = session.get(f"https://127.0.0.1:{port}/")
    assert answer.json() == {}
    assert answer.headers["link"] == "<a>, <b>"


@pytest.mark.parametrize(
    ("say", "told"),
    [
        (saying(b""), "closed the connection"),
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n"), "is no HTTP"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), "in the midst"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), "larger than 1024 KiB"),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc"), "in the midst"),
        (saying(b"HTTP/1.1 302 Found\r\nLocation: https://x.example/\r\n\r\n"), "another address"),
        (saying(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"), "is no HTTP"),
        (endless, "larger than 1024 KiB"),
        (endless_headers, "closed the connection|larger than|no HTTP"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(
    session: Session, authority: OpensslAuthority, say: Say, told: str
) -> None:
    with pytest.raises(IssuanceFailed, match=told) as failed:
        get(session, authority, say)
    assert failed.value.message.startswith(("127.0.0.1", "What 127.0.0.1"))


@pytest.mark.parametrize("say", [dripping, lambda _, over: over.wait(30)])
def test_an_answer_that_takes_too_long_in_all_is_given_up(
    hasty: Session, authority: OpensslAuthority, say: Say
) -> None:
    began = time.monotonic()
    with pytest.raises(IssuanceFailed, match="did not answer within 1 seconds"):
        get(hasty, authority, say)
    assert time.monotonic() - began < 10


def test_a_server_that_does_not_shake_hands_is_left_in_time(hasty: Session) -> None:
    with serving(silent) as port, pytest.raises(IssuanceFailed, match="did not answer"):
        hasty.get(f"https://127.0.0.1:{port}/")


def test_a_server_that_speaks_no_tls_is_named(session: Session) -> None:
    def plain(connection: socket, _over: threading.Event) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with serving(plain) as port, pytest.raises(IssuanceFailed, match="does not speak TLS"):
        session.get(f"https://127.0.0.1:{port}/")


def test_a_port_where_nothing_listens_is_named(session: Session) -> None:
    with serving(silent) as port:
        pass
    with pytest.raises(IssuanceFailed, match="Nothing listens"):
        session.get(f"https://127.0.0.1:{port}/")


def test_a_certificate_for_another_name_is_not_trusted(
    session: Session, authority: OpensslAuthority
) -> None:
    with pytest.raises(IssuanceFailed, match="is not trusted"):
        get(session, authority, saying(b""), "elsewhere")


def test_the_roots_given_are_the_only_ones(authority: OpensslAuthority, tmp_path: Path) -> None:
    other = OpensslAuthority.make(tmp_path / "ca")
    with (
        bounded_session(trust(other.root.read_text()), 20.0) as session,
        pytest.raises(IssuanceFailed, match="is not trusted") as failed,
    ):
        get(session, authority, saying(b""))
    assert "PEM of its root" in failed.value.remedy


def test_plain_http_is_not_reached_at_all(session: Session) -> None:
    with pytest.raises(InvalidSchema):
        session.get("http://127.0.0.1:1/directory")


def test_an_answer_of_the_greatest_size_is_taken(
    session: Session, authority: OpensslAuthority
) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {MOST_BYTES}\r\n\r\n".encode()
    assert len(get(session, authority, saying(head + b"a" * MOST_BYTES))) == MOST_BYTES
