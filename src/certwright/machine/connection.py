"""A TCP connection that keeps one deadline, and the failures of a handshake in plain words."""

import errno
import socket
import threading
import time
from enum import StrEnum
from ipaddress import ip_address
from types import TracebackType
from typing import Self

_PIECE = 16 * 1024
_HIGHEST_PORT = 65535


class FailureReason(StrEnum):
    """Why there was no handshake."""

    ALERT = "alert"
    CLOSED = "closed"
    DNS = "dns"
    NO_CERTIFICATE = "no-certificate"
    NO_STARTTLS = "no-starttls"
    NOT_TLS = "not-tls"
    OLD_VERSION = "old-version"
    REFUSED = "refused"
    TAMPERED = "tampered"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    WRONG_PROTOCOL = "wrong-protocol"


class HandshakeFailed(Exception):  # noqa: N818 - it is an outcome, and named as people say it
    """There was no handshake; `message` is one plain sentence that says why.

    `shown` are the certificates (DER, leaf first) that were shown before it failed: a server that
    wants one of the client's refuses only after its own, in TLS 1.2.
    """

    def __init__(self, reason: FailureReason, message: str, shown: tuple[bytes, ...] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.shown = shown


class Connection:
    """A connection whose resolving, connecting, sending and receiving share one deadline.

    A time limit on each single operation would not do: a peer that drips one byte at a time
    would never exceed it.
    """

    def __init__(self, address: str, port: int, timeout_seconds: float) -> None:
        """Connect; raises `HandshakeFailed` (dns, refused, unreachable or timeout)."""
        self.place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        self._deadline = time.monotonic() + timeout_seconds
        self._timeout_seconds = timeout_seconds
        self._socket = self._connect(address, port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()

    @property
    def local_address(self) -> str:
        """The IP address of this end, without a zone."""
        return str(self._socket.getsockname()[0]).partition("%")[0]

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        try:
            # The timeout of sendall is for the whole of it.
            self._socket.settimeout(self._left())
            self._socket.sendall(data)
        except OSError as error:
            raise self._failure(error) from None

    def receive(self) -> bytes:
        """What has come, at least one byte; b"" means the peer closed the connection."""
        try:
            self._socket.settimeout(self._left())
            return self._socket.recv(_PIECE)
        except OSError as error:
            raise self._failure(error) from None

    def closed(self) -> HandshakeFailed:
        """The failure that the peer closed the connection before the handshake was done."""
        return HandshakeFailed(
            FailureReason.CLOSED, f"{self.place} closed the connection during the handshake."
        )

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _connect(self, address: str, port: int) -> socket.socket:
        if not address.isprintable():
            # The C library would read up to the first NUL, and so reach another place.
            raise HandshakeFailed(FailureReason.DNS, "That is neither an address nor a name.")
        if not 0 < port <= _HIGHEST_PORT:
            raise HandshakeFailed(FailureReason.UNREACHABLE, f"There is no port {port}.")
        try:
            targets = self._resolve(address, port)
            for position, (family, kind, protocol, _, target) in enumerate(targets, start=1):
                made = socket.socket(family, kind, protocol)
                try:
                    # An address that does not answer must leave time for the others.
                    made.settimeout(self._left() / (len(targets) - position + 1))
                    made.connect(target)
                except OSError:
                    made.close()
                    if position == len(targets):
                        raise
                else:
                    return made
        except OSError as error:
            raise self._failure(error) from None
        raise self._unknown_name(address)

    def _resolve(self, address: str, port: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        try:
            flags = socket.AI_NUMERICHOST if ip_address(address) else 0
        except ValueError:
            flags = 0
        outcome: list[object] = []

        def ask() -> None:
            try:
                outcome.append(
                    socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=flags)
                )
            except (OSError, UnicodeError) as error:
                outcome.append(error)

        # The system's resolver knows no deadline: a thread that can be left behind does.
        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(self._left())
        if not outcome:
            raise TimeoutError
        if isinstance(outcome[0], list):
            return outcome[0]
        raise self._unknown_name(address)

    def _unknown_name(self, address: str) -> HandshakeFailed:
        return HandshakeFailed(FailureReason.DNS, f"No address is known for {address}.")

    def _failure(self, error: OSError) -> HandshakeFailed:
        if isinstance(error, TimeoutError):
            return HandshakeFailed(
                FailureReason.TIMEOUT,
                f"{self.place} did not answer within {self._timeout_seconds:g} seconds.",
            )
        if isinstance(error, ConnectionRefusedError):
            return HandshakeFailed(FailureReason.REFUSED, f"Nothing listens on {self.place}.")
        if isinstance(error, ConnectionResetError | BrokenPipeError):
            return self.closed()
        cause = errno.errorcode.get(error.errno or 0, type(error).__name__)
        return HandshakeFailed(
            FailureReason.UNREACHABLE, f"{self.place} cannot be reached ({cause})."
        )
