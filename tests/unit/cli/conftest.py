"""A node to talk to: a real HTTP server on a real socket, with answers that the test chooses."""

import json
import os
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from socketserver import UnixStreamServer
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from certwright.cli.main import run

TOKEN = "cwt_of-this-test"


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class Node:
    """What the server answers, by method and path, and what it was asked."""

    answers: dict[tuple[str, str], tuple[int, Any, str]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)

    def answer(
        self, method: str, path: str, document: Any, status: int = 200, following: str = ""
    ) -> None:
        link = f'</api/v1/{following}>; rel="next"' if following else ""
        self.answers[method, f"/api/v1/{path}"] = (status, document, link)


def _handler(node: Node) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            node.received.append(Received(self.command, self.path, dict(self.headers), body))
            missing = (404, {"code": "not-found", "detail": f"Nothing at {self.path}."}, "")
            status, document, link = node.answers.get((self.command, self.path), missing)
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            if link:
                self.send_header("Link", link)
            self.send_header("Content-Length", str(0 if status == 204 else len(content)))
            self.end_headers()
            if status != 204:
                self.wfile.write(content)

        # As http.server names them.
        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815

        def log_message(self, *arguments: Any) -> None:
            del arguments

        def address_string(self) -> str:
            return "client"

    return Handler


@contextmanager
def _serving(server: HTTPServer | UnixStreamServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture
def node() -> Node:
    return Node()


@pytest.fixture
def data(node: Node) -> Iterator[Path]:
    """The data folder of a running node: `node`, on a Unix socket."""
    # A socket's path must be short, so not under pytest's folder.
    with tempfile.TemporaryDirectory(prefix="certwright-") as name:
        folder = Path(name)
        socket = folder / "app.sock"
        with _serving(UnixStreamServer(str(socket), _handler(node))):
            write_note(folder, os.getpid(), socket)
            yield folder


def write_note(data: Path, process: int, socket: Path) -> None:
    (data / "node").mkdir(exist_ok=True)
    note = {"pid": process, "socket": str(socket), "token": TOKEN}
    (data / "node" / "local.json").write_text(json.dumps(note))


@dataclass(frozen=True)
class Remote:
    """A node on the network, whose certificate is its own root."""

    url: str
    ca_file: Path
    token_file: Path

    @property
    def options(self) -> list[str]:
        trusting = ["--ca-file", str(self.ca_file)]
        return ["--server", self.url, "--token-file", str(self.token_file), *trusting]


@pytest.fixture
def remote(node: Node, tmp_path: Path) -> Iterator[Remote]:
    """`node` over TLS on the loopback address."""
    certificate = _write_certificate(tmp_path)
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN + "\n")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = HTTPServer(("127.0.0.1", 0), _handler(node))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with _serving(server):
        yield Remote(f"https://127.0.0.1:{server.server_port}", certificate, token_file)


def _write_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a node under test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "node.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@dataclass(frozen=True)
class Outcome:
    """How a run of the command line ended."""

    exit_code: int
    output: str
    errors: str

    @property
    def document(self) -> Any:
        return json.loads(self.output)


Certwright = Callable[..., Outcome]


@pytest.fixture
def certwright(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Certwright:
    """Runs the command as its entry point does, in an environment that says nothing."""
    for name in list(os.environ):
        if name.startswith("CERTWRIGHT_"):
            monkeypatch.delenv(name)

    def certwright(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["certwright", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        told = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), told.out, told.err)

    return certwright
