"""Receivers on loopback with a certificate of a company's authority, and what they received."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from certwright.lifecycle.telling.channel import TlsContext
from certwright.lifecycle.telling.message import Entry, Message

from ...foreign_authority import ForeignAuthority

LOOPBACK = "127.0.0.1"
SECRET = "0123456789abcdef0123456789abcdef"
NOW = datetime.now(UTC)
MESSAGE = Message(
    "mail-7-9",
    "todd.corp.example",
    NOW,
    (
        Entry(
            kind="proof-changed",
            subject="web-server",
            sentence='Web Server not proven: "Müller\'s" ]certificate\\.',
            first_at=NOW,
            last_at=NOW,
            count=3,
            remedy="Look from outside.",
            good=False,
        ),
    ),
)


@dataclass(frozen=True)
class Trust:
    """A server's side of TLS for `localhost`, and a client's side that trusts it."""

    server: ssl.SSLContext
    client: TlsContext
    root: str


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    authority = ForeignAuthority(datetime.now(UTC), "Company")
    pair = tmp_path_factory.mktemp("pair") / "pair.pem"
    pair.write_bytes(authority.issue(["localhost"]).pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pair)
    client = ssl.create_default_context(cadata=authority.root.pem)
    return Trust(server, lambda: client, authority.root.pem)


@dataclass
class Receiver:
    """A webhook's receiver: what came, and what it answers."""

    port: int = 0
    status: int = 200
    answer: bytes = b"thanks"
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def documents(self) -> list[Any]:
        return [json.loads(body) for body in self.bodies]

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/hook?a=b"


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.headers.append({"path": self.path, **dict(self.headers)})
            self.send_response(receiver.status)
            if receiver.status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(receiver.answer)))
            self.end_headers()
            self.wfile.write(receiver.answer)

        def log_message(self, *arguments: Any) -> None:
            del arguments

    return Handler


@contextmanager
def receiving(context: ssl.SSLContext | None) -> Iterator[Receiver]:
    """A receiver over TLS, or in the clear."""
    receiver = Receiver()
    server = HTTPServer((LOOPBACK, 0), _handler(receiver))
    receiver.port = server.server_port
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture
def receiver(trust: Trust) -> Iterator[Receiver]:
    with receiving(trust.server) as made:
        yield made


@pytest.fixture
def plain_receiver() -> Iterator[Receiver]:
    with receiving(None) as made:
        yield made


@dataclass
class StreamReceiver:
    """Everything that came over one connection."""

    port: int
    thread: threading.Thread
    received: bytearray

    def all(self) -> bytes:
        """What came, once the other side has closed."""
        self.thread.join(20)
        assert not self.thread.is_alive()
        return bytes(self.received)


@pytest.fixture
def take_stream(trust: Trust) -> Iterator[Callable[..., StreamReceiver]]:
    """Starts a receiver of one connection, over TLS or not."""
    listeners: list[socket.socket] = []

    def take(*, tls: bool) -> StreamReceiver:
        listener = socket.create_server((LOOPBACK, 0))
        listener.settimeout(20)
        listeners.append(listener)
        received = bytearray()

        def work() -> None:
            connection, _ = listener.accept()
            connection.settimeout(20)
            if tls:
                connection = trust.server.wrap_socket(connection, server_side=True)
            with connection:
                while piece := connection.recv(4096):
                    received.extend(piece)

        thread = threading.Thread(target=work)
        thread.start()
        return StreamReceiver(listener.getsockname()[1], thread, received)

    yield take
    for listener in listeners:
        listener.close()


@pytest.fixture
def datagrams(tmp_path: Path) -> Iterator[socket.socket]:
    """A local syslog's socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.settimeout(20)
        made.bind(str(tmp_path / "log"))
        yield made
