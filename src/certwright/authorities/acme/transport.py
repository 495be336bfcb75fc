"""HTTPS with one deadline and one size for each exchange: whatever answers may be anything.

It is an adapter of `requests`, which the ACME library sends by. The customary adapter limits each
single read, so a server that drips a byte at a time would hold a job for ever.
"""

import io
import ssl
from collections.abc import Callable
from http.client import (
    HTTPException,
    HTTPMessage,
    HTTPResponse,
    IncompleteRead,
    RemoteDisconnected,
)
from socket import socket
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import certifi
from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from certwright.authorities.authority import IssuanceFailed
from certwright.machine.connection import Connection, HandshakeFailed

MOST_BYTES = 1024 * 1024
_HEADERS_ROOM = 128 * 1024
_HTTPS_PORT = 443
_OTHER_HEADERS = frozenset({"host", "connection", "accept-encoding", "content-length"})
"""Those that are written here, whatever the library has in mind."""
_LOOK = (
    "See that this machine can reach it: address, DNS, firewall. If it can, the authority has a "
    "fault, and it is enough to wait."
)

_Result = TypeVar("_Result")


def trust(ca_pem: str) -> ssl.SSLContext:
    """TLS that trusts the roots in `ca_pem` and no others; without any, the public ones.

    Raises ssl.SSLError or ValueError if `ca_pem` holds no certificate.
    """
    if not ca_pem.isascii() or "\0" in ca_pem:  # a NUL no database takes
        raise ValueError("PEM is ASCII")
    if ca_pem:
        return ssl.create_default_context(cadata=ca_pem)
    return ssl.create_default_context(cafile=certifi.where())


def bounded_session(trusted: ssl.SSLContext, seconds: float) -> Session:
    """A session that reaches https only, follows nothing, and reads no environment."""
    session = Session()
    session.trust_env = False
    session.adapters.clear()
    session.mount("https://", BoundedAdapter(trusted, seconds))
    return session


class BoundedAdapter(BaseAdapter):
    """One connection for each request, and one deadline from its name to its last byte."""

    def __init__(self, trusted: ssl.SSLContext, seconds: float) -> None:
        super().__init__()
        self._trusted = trusted
        self._seconds = seconds

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        """Send and read all of the answer; raises IssuanceFailed that names the host."""
        parts = urlsplit(request.url or "")
        host = parts.hostname or ""
        try:
            with Connection(host, parts.port or _HTTPS_PORT, self._seconds) as connection:
                stream = _TlsStream(connection, self._trusted, host)
                stream.send(_written(request, parts.netloc.rpartition("@")[2]))
                return _read(request, stream, host)
        except HandshakeFailed as failure:
            raise IssuanceFailed(f"{host} cannot be reached: {failure.message}", _LOOK) from None
        except ssl.SSLCertVerificationError as error:
            raise IssuanceFailed(
                f"The certificate of {host} is not trusted: {error.verify_message}.",
                "If it is an authority of your own network, give the PEM of its root with the "
                "directory's address: by --ca-file FILE of certwright authorities create or "
                "change, or in the Designer in the field The root to trust for it.",
            ) from None
        except ssl.SSLError as error:
            why = error.reason or "the handshake failed"
            raise IssuanceFailed(
                f"{host} does not speak TLS as it should ({why}).", _LOOK
            ) from None
        except (RemoteDisconnected, IncompleteRead):
            raise _cut_short(host) from None
        except (HTTPException, ValueError):
            raise IssuanceFailed(f"What {host} answers is no HTTP.", _LOOK) from None

    def close(self) -> None:
        """Nothing stays open between requests."""


def _written(request: PreparedRequest, authority: str) -> bytes:
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else cast("bytes", body)
    lines = [
        f"{request.method} {request.path_url} HTTP/1.1",
        f"Host: {authority}",
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    for name, value in request.headers.items():
        if name.lower() not in _OTHER_HEADERS:
            lines.append(f"{_text(name)}: {_text(value)}")
    if request.method == "POST":
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def _text(field: str | bytes) -> str:
    return field.decode("latin-1") if isinstance(field, bytes) else field


def _read(request: PreparedRequest, stream: "_TlsStream", host: str) -> Response:
    answer = HTTPResponse(cast("socket", stream), method=request.method)
    answer.begin()
    if answer.length is not None and answer.length > MOST_BYTES:
        raise _too_large(host)
    body = answer.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES or stream.is_exceeded:
        raise _too_large(host)
    if answer.length and request.method != "HEAD":
        raise _cut_short(host)
    if answer.headers.get("Location") and answer.status // 100 == 3:
        raise IssuanceFailed(
            f"{host} sends on to another address, which no ACME server does.",
            "Give the address of the directory itself.",
        )
    response = Response()
    response.status_code = answer.status
    response.reason = answer.reason
    response.headers = _headers(answer.headers)
    response.url = request.url or ""
    response.request = request
    # RFC 8259 8.1: JSON is UTF-8, so nothing need be guessed.
    response.encoding = "utf-8"
    response.raw = io.BytesIO(body)
    return response


def _headers(message: HTTPMessage) -> CaseInsensitiveDict[str]:
    """Fields that stand there several times, such as Link, in one (RFC 9110 5.3)."""
    headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for name, value in message.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _cut_short(host: str) -> IssuanceFailed:
    return IssuanceFailed(f"{host} closed the connection in the midst of it.", _LOOK)


def _too_large(host: str) -> IssuanceFailed:
    return IssuanceFailed(
        f"What {host} answers is larger than {MOST_BYTES // 1024} KiB, which is not plausible.",
        _LOOK,
    )


class _TlsStream(io.RawIOBase):
    """TLS over the connection, as the library's HTTP reader wants it: a file with an end."""

    def __init__(self, connection: Connection, trusted: ssl.SSLContext, host: str) -> None:
        super().__init__()
        self._connection = connection
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = trusted.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._left = MOST_BYTES + _HEADERS_ROOM
        self._through(self._tls.do_handshake)

    @property
    def is_exceeded(self) -> bool:
        """Whether more came than could be meant."""
        return self._left < 0

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What `http.client` asks of a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """It is."""
        return True

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        self._through(lambda: self._tls.write(data))

    def readinto(self, buffer: Any) -> int:
        """What has come, 0 at its end; an answer cut short shows by its length."""
        if self._left < 0:
            return 0
        try:
            piece = self._through(lambda: self._tls.read(len(buffer)))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return 0
        self._left -= len(piece)
        buffer[: len(piece)] = piece
        return len(piece)

    def _through(self, operation: Callable[[], _Result]) -> _Result:
        while True:
            try:
                result = operation()
            except ssl.SSLWantReadError:
                self._flush()
                received = self._connection.receive()
                self._incoming.write(received) if received else self._incoming.write_eof()
            else:
                self._flush()
                return result

    def _flush(self) -> None:
        if pending := self._outgoing.read():
            self._connection.send(pending)
