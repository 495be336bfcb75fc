"""A real Envoy on loopback, with a real app and a real upstream behind it."""

import asyncio
import json
import shutil
import socket
import socketserver
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from certwright.front.front import Front
from certwright.front.ports import hold_port
from certwright.front.settings import FrontSettings, parse_upstream
from certwright.services.endpoints import OwnEndpoint, WebServerProtocol

BLOCK = bytes(range(256)) * 256


@dataclass(frozen=True)
class Pair:
    """A self-signed certificate for localhost and its key."""

    chain_pem: str
    key_pem: str
    der: bytes


@dataclass(frozen=True)
class RunningFront:
    """Envoy as the node runs it."""

    front: Front
    settings: FrontSettings
    process: subprocess.Popen[bytes]
    log: Path

    def restart(self) -> "RunningFront":
        """Another process on the same files, as the supervisor does when Envoy died."""
        return RunningFront(self.front, self.settings, _spawn(self.front, self.log), self.log)


class StartFront(Protocol):
    """Starts a front and waits until it listens; `ports` in the order of `FrontSettings`."""

    def __call__(
        self,
        upstream: str | None = None,
        protocol: WebServerProtocol = WebServerProtocol.HTTPS,
        server_name: str = "localhost",
        ports: tuple[int, int, int, int] = (0, 0, 0, 0),
    ) -> RunningFront: ...


def make_pair() -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return Pair(
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        certificate.public_bytes(serialization.Encoding.DER),
    )


@pytest.fixture
def another_pair() -> Callable[[], Pair]:
    """Makes a new certificate and key at each call."""
    return make_pair


@pytest.fixture(scope="session")
def pair() -> Pair:
    """The certificate that both endpoints serve at first."""
    return make_pair()


@pytest.fixture
def trusting(pair: Pair) -> ssl.SSLContext:
    """A client's TLS that trusts that certificate and nothing else."""
    return ssl.create_default_context(cadata=pair.chain_pem)


class EchoHandler(BaseHTTPRequestHandler):
    """Answers with what it was sent; `/download/BYTES` streams, any body is counted."""

    protocol_version = "HTTP/1.1"
    server_version = "EchoServer/1"

    def do_GET(self) -> None:
        if self.path.startswith("/download/"):
            return self._stream(int(self.path.rpartition("/")[2]))
        received = 0
        while received < int(self.headers.get("Content-Length", 0)):
            received += len(self.rfile.read1())
        if self.headers.get("Transfer-Encoding") == "chunked":
            received = self._count_chunks()
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps(
            {"method": self.command, "path": self.path, "headers": headers, "received": received}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        return None

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the base's names

    def _count_chunks(self) -> int:
        received = 0
        while size := int(self.rfile.readline(), 16):
            received += len(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return received

    def _stream(self, size: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        sent = 0
        while sent < size:
            sent += self.wfile.write(BLOCK[: size - sent])

    def address_string(self) -> str:
        return "client"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is part of these tests."""


class _UnixServer(_Server):
    address_family = socket.AF_UNIX


def _serve(server: _Server) -> Iterator[_Server]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def app_socket() -> Iterator[Path]:
    """An app on a Unix socket, in the place of Certwright's own."""
    folder = Path(tempfile.mkdtemp(prefix="certwright-test-"))
    server = _UnixServer(str(folder / "app.sock"), EchoHandler)  # type: ignore[arg-type]
    for _ in _serve(server):
        yield folder / "app.sock"
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def upstream() -> Iterator[str]:
    """The URL of an HTTP server to be put behind the Web Server."""
    server = _Server(("127.0.0.1", 0), EchoHandler)
    for _ in _serve(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


@pytest.fixture(scope="session")
def tls_upstream(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the same over TLS, with a certificate for localhost."""
    file = tmp_path_factory.mktemp("upstream") / "server.pem"
    file.write_text(pair.key_pem + pair.chain_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    class Server(_Server):
        def get_request(self) -> tuple[socket.socket, object]:
            connection, address = super().get_request()
            return context.wrap_socket(connection, server_side=True), address

    server = Server(("127.0.0.1", 0), EchoHandler)
    for _ in _serve(server):
        yield int(server.server_address[1])


@pytest.fixture
def echo_websocket() -> Iterator[str]:
    """The URL of a server that sends every WebSocket message back."""
    from websockets.asyncio.server import ServerConnection, serve

    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    loop = asyncio.new_event_loop()
    started: list[int] = []
    ready = threading.Event()
    stop = asyncio.Event()

    async def run() -> None:
        async with serve(echo, "127.0.0.1", 0) as server:
            started.append(next(iter(server.sockets)).getsockname()[1])
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    assert ready.wait(10)
    yield f"http://127.0.0.1:{started[0]}"
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def _spawn(front: Front, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as file:
        return subprocess.Popen(front.command(), stdin=subprocess.DEVNULL, stderr=file)


@pytest.fixture
def start_front(app_socket: Path, pair: Pair, tmp_path: Path) -> Iterator[StartFront]:
    """A factory; everything it started is ended after the test."""
    with ExitStack() as clean_up:

        def start(
            upstream: str | None = None,
            protocol: WebServerProtocol = WebServerProtocol.HTTPS,
            server_name: str = "localhost",
            ports: tuple[int, int, int, int] = (0, 0, 0, 0),
        ) -> RunningFront:
            folder = Path(tempfile.mkdtemp(prefix="certwright-test-", dir="/dev/shm"))
            clean_up.callback(shutil.rmtree, folder)
            bind = ("127.0.0.1",)
            configuration_port, http_port, https_port, publication_port = (
                hold_port(clean_up, bind, port, "a test", "--port") if port == 0 else port
                for port in ports
            )
            settings = FrontSettings(
                bind=bind,
                configuration_port=configuration_port,
                http_port=http_port,
                https_port=https_port,
                publication_port=publication_port,
                server_name=server_name,
                upstream=parse_upstream(upstream) if upstream else None,
                runtime_folder=folder,
                app_socket=app_socket,
            )
            front = Front(settings)
            front.prepare(protocol)
            for endpoint in OwnEndpoint:
                front.switch_certificate(endpoint, pair.chain_pem, pair.key_pem)
            log = tmp_path / "envoy.log"
            running = RunningFront(front, settings, _spawn(front, log), log)
            clean_up.callback(end, running.process)
            front.wait_until_listening(20, lambda: running.process.poll() is None)
            return running

        yield start


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(20)


@pytest.fixture
def client(pair: Pair) -> Iterator[httpx.Client]:
    """An HTTP client that speaks HTTP/1.1 and trusts the first certificate."""
    yield from _client(pair, http2=False)


@pytest.fixture
def http2_client(pair: Pair) -> Iterator[httpx.Client]:
    """The same over HTTP/2."""
    yield from _client(pair, http2=True)


def _client(pair: Pair, *, http2: bool) -> Iterator[httpx.Client]:
    # A context of its own, since the client sets the offered protocols in it.
    trusting = ssl.create_default_context(cadata=pair.chain_pem)
    with httpx.Client(verify=trusting, trust_env=False, timeout=20, http2=http2) as client:
        yield client
