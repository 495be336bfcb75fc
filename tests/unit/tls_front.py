"""A front of Python's own TLS, on loopback, that can be told to misbehave."""

import socket
import ssl
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.ports import Ports
from certwright.services.endpoints import OwnEndpoint, WebServerProtocol

from ..interop.servers import free_port

ADDRESS = "127.0.0.1"
_SECONDS = 5.0


class _Listener:
    """One port, listening or not; TLS if `contexts` has an entry."""

    def __init__(self, name: str | None, contexts: dict[str, ssl.SSLContext]) -> None:
        self._name = name
        self._contexts = contexts
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.port = free_port()

    def open(self) -> None:
        if self._socket is not None:
            return
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((ADDRESS, self.port))
        self._socket.listen(64)
        self._thread = threading.Thread(target=self._accept, args=(self._socket,))
        self._thread.start()

    def close(self) -> None:
        if self._socket is None or self._thread is None:
            return
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread in accept()
        self._socket.close()
        self._thread.join()
        self._socket = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.settimeout(_SECONDS)
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        if self._name is None:
            return
        context = self._contexts.get(self._name)
        if context is None:
            return
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(1)


class TlsFront:
    """Implements `Front`; `ignores`, `refuses` and `go_down` make it one that does not work."""

    def __init__(self) -> None:
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._configuration = _Listener(OwnEndpoint.CONFIGURATION_SERVER, self._contexts)
        self._https = _Listener(OwnEndpoint.WEB_SERVER, self._contexts)
        self._http = _Listener(None, self._contexts)
        self._publication = _Listener(None, self._contexts)
        self.ignores = False
        self.refuses = 0
        self.switches: list[str] = []
        self._is_up = False

    @property
    def ports(self) -> Ports:
        """Where it listens, or would."""
        return Ports(
            configuration=self._configuration.port,
            http=self._http.port,
            https=self._https.port,
            publication=self._publication.port,
        )

    def go_up(self) -> None:
        """Listen."""
        self._is_up = True
        self._configuration.open()
        self._https.open()

    def go_down(self) -> None:
        """Listen nowhere, as a front that crashed."""
        self._is_up = False
        for listener in (self._configuration, self._https, self._http):
            listener.close()

    def switch_certificate(
        self, endpoint: str, certificate_chain_pem: str, private_key_pem: str
    ) -> None:
        """Serve another certificate at `endpoint` from the next handshake on."""
        self.switches.append(endpoint)
        if self.refuses:
            self.refuses -= 1
            raise CertwrightError(
                ErrorCode.FRONT_FAILED, "The front refuses the certificate.", "Choose another."
            )
        if self.ignores:
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            file = Path(folder) / "chain-and-key.pem"
            file.write_text(certificate_chain_pem + private_key_pem)
            try:
                context.load_cert_chain(file)
            except ssl.SSLError:
                raise CertwrightError(
                    ErrorCode.FRONT_FAILED, "The key is another's.", "Choose another."
                ) from None
        self._contexts[endpoint] = context

    def set_web_protocol(self, protocol: WebServerProtocol) -> None:
        """Listen on the port of `protocol`, and not on the other."""
        if self.ignores or not self._is_up:
            return
        listening, silent = self._https, self._http
        if not protocol.is_encrypted:
            listening, silent = silent, listening
        silent.close()
        listening.open()
