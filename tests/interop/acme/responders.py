"""Real servers that answer http-01 and tls-alpn-01, as the front does for the node."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket

from tests.interop.servers import LOOPBACK
from tests.unit.machine.servers import serving

from certwright.authorities.acme.challenges import Challenge
from certwright.authorities.acme.validation_certificate import ALPN, build_validation_certificate
from certwright.x509.keys import KeyType, generate_private_key


class HttpResponder:
    """Answers http-01; `wrong` is what it says instead, to fail a proof."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.wrong: str | None = None
        self.put_up: list[Challenge] = []

    def prepare(self) -> None:
        """Ready at any time."""

    def respond(self, challenge: Challenge) -> None:
        """Serve the key authorization."""
        self.put_up.append(challenge)
        self.answers[challenge.path] = challenge.key_authorization

    def withdraw(self, challenge: Challenge) -> None:
        """Serve it no longer."""
        self.answers.pop(challenge.path, None)


class TlsResponder:
    """Answers tls-alpn-01."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.answers: dict[str, ssl.SSLContext] = {}

    def prepare(self) -> None:
        """Ready at any time."""

    def respond(self, challenge: Challenge) -> None:
        """Show the certificate that holds the proof."""
        key = generate_private_key(KeyType.EC_P256)
        made = build_validation_certificate(challenge, key, 1, datetime.now(UTC))
        file = self._folder / "validation.pem"
        file.write_text(made.chain_pem + made.key_pem)
        self.answers[challenge.server_name] = _context(file)

    def withdraw(self, challenge: Challenge) -> None:
        """Show it no longer."""
        self.answers.pop(challenge.server_name, None)

    def choose(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        """The certificate for the name asked for, or none."""
        if name is None or name not in self.answers:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = self.answers[name]
        return None


@contextmanager
def http_responder(port: int) -> Iterator[HttpResponder]:
    """A responder behind an HTTP server at `port`, until the end of the block."""
    responder = HttpResponder()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = responder.answers.get(self.path)
            body = (responder.wrong or answer or "nothing here").encode()
            self.send_response(200 if answer else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Say nothing."""

    with ThreadingHTTPServer((LOOPBACK, port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield responder
        finally:
            server.shutdown()
            thread.join(10)


@contextmanager
def tls_responder(port: int, folder: Path) -> Iterator[TlsResponder]:
    """A responder behind a TLS server at `port`, until the end of the block."""
    responder = TlsResponder(folder)
    choosing = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    choosing.set_alpn_protocols([ALPN])
    choosing.sni_callback = responder.choose

    def answer(connection: socket, _over: threading.Event) -> None:
        connection.settimeout(10)
        with choosing.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1)

    with serving(answer, port):
        yield responder


def _context(file: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.set_alpn_protocols([ALPN])
    return context
