"""Fetching what a certificate points to: issuers, revocation lists, OCSP answers. Plain HTTP only.

Whoever made the certificate chose the address (RFC 5280 8: such URIs may lead anywhere, inside
the network too), so nothing is believed: where it leads, how much comes, how long it takes. What
is fetched is signed and checked by its signature, hence no TLS; with it, proving the TLS
certificate could need the very thing that is being fetched.
"""

import io
import time
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from socket import socket
from typing import Any, cast
from urllib.parse import SplitResult, urljoin, urlsplit

from .addresses import Address, UnknownName, is_ordinary, is_public, resolve
from .connection import Connection, FailureReason, HandshakeFailed

_MOST_REDIRECTS = 3
_LONGEST_URL = 2000
_SHOWN_URL = 200
_HEADERS_ROOM = 128 * 1024
"""Bytes that may come beside the body: status line, headers, the lengths of chunks."""
_HTTP_PORT = 80
_FIRST_FREE_PORT = 1024
_HIGHEST_PORT = 65535
_OK = 200
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECTS_WITH_BODY = frozenset({307, 308})
"""RFC 9110 15.4: only these keep the method."""


class FetchFailed(Exception):  # noqa: N818 - an outcome, and named as people say it
    """Nothing was fetched; `message` is one plain sentence that says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def fetch(
    url: str,
    *,
    most_bytes: int,
    timeout_seconds: float,
    allow_private: bool = False,
    body: bytes | None = None,
    content_type: str = "",
) -> bytes:
    """The content at `url` (http), at most `most_bytes`, within `timeout_seconds` in all.

    With a `body` it is sent by POST. Without `allow_private` every address that the name leads to
    must be one of the Internet; the connection goes to the very address that was looked at.
    No proxy is used, and no credentials are sent. Raises `FetchFailed`.
    """
    errand = _Errand(
        most_bytes, timeout_seconds, time.monotonic() + timeout_seconds, allow_private, body
    )
    target = _read_url(url)
    for _ in range(_MOST_REDIRECTS + 1):
        answer = errand.ask(target, content_type)
        if isinstance(answer, bytes):
            return answer
        target = answer
    raise FetchFailed(f"{_shown(url)} redirects more than {_MOST_REDIRECTS} times.")


@dataclass(frozen=True)
class _Target:
    url: str
    host: str
    port: int
    path: str
    """With its query."""

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _HTTP_PORT else f"{host}:{self.port}"


def _read_url(url: str) -> _Target:
    # What is neither ASCII nor printable could end the request line and begin another one.
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise FetchFailed(f"{_shown(url)} is no address that can be fetched from.")
    try:
        parts = urlsplit(url)
        port = parts.port if parts.port is not None else _HTTP_PORT
    except ValueError:
        raise FetchFailed(f"{_shown(url)} is no address that can be fetched from.") from None
    if parts.scheme.lower() != "http":
        raise FetchFailed(f"{_shown(url)} is not fetched: only http is.")
    if not parts.hostname or "%" in parts.hostname or "@" in parts.netloc or "\\" in parts.netloc:
        raise FetchFailed(f"{_shown(url)} is no address that can be fetched from.")
    # Other services of the system's own, mail for one, could be made to act on what they get.
    if port != _HTTP_PORT and not _FIRST_FREE_PORT <= port <= _HIGHEST_PORT:
        raise FetchFailed(f"{_shown(url)} is not fetched: its port is another service's.")
    return _Target(url, parts.hostname, port, _path(parts))


def _path(parts: SplitResult) -> str:
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


def _shown(url: str) -> str:
    text = url if len(url) <= _SHOWN_URL else url[:_SHOWN_URL] + "..."
    return text if text.isprintable() else ascii(text)


@dataclass(frozen=True)
class _Errand:
    """What holds from the first address to the last redirect."""

    most_bytes: int
    timeout_seconds: float
    deadline: float
    allow_private: bool
    body: bytes | None

    def ask(self, target: _Target, content_type: str) -> bytes | _Target:
        """The content, or where else it is said to be."""
        try:
            with self._connect(target) as connection:
                connection.send(self._request(target, content_type))
                return self._read(target, connection)
        except HandshakeFailed as failure:
            raise self._failed(target, failure) from None
        except (HTTPException, ValueError):
            raise FetchFailed(f"What {_shown(target.url)} answers is no HTTP.") from None

    def _connect(self, target: _Target) -> Connection:
        addresses = self._addresses(target)
        for position, address in enumerate(addresses, start=1):
            # An address that does not answer must leave time for the others.
            share = self._left(target) / (len(addresses) - position + 1)
            try:
                return Connection(str(address), target.port, share)
            except HandshakeFailed:
                if position == len(addresses):
                    raise
        raise self._unknown(target)

    def _addresses(self, target: _Target) -> tuple[Address, ...]:
        try:
            addresses = resolve(target.host, self._left(target))
        except UnknownName:
            raise self._unknown(target) from None
        except TimeoutError:
            raise self._late(target) from None
        for address in addresses:
            if not is_ordinary(address) or not (self.allow_private or is_public(address)):
                raise FetchFailed(
                    f"{_shown(target.url)} is not fetched: it leads to {address}, which is not an "
                    "address of the Internet."
                )
        return addresses

    def _request(self, target: _Target, content_type: str) -> bytes:
        lines = [
            f"{'GET' if self.body is None else 'POST'} {target.path} HTTP/1.1",
            f"Host: {target.authority}",
            "User-Agent: certwright",
            "Accept: */*",
            "Accept-Encoding: identity",
            "Connection: close",
        ]
        if self.body is not None:
            lines += [f"Content-Type: {content_type}", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode("ascii") + (self.body or b"")

    def _read(self, target: _Target, connection: Connection) -> bytes | _Target:
        source = _Source(connection, self.most_bytes + _HEADERS_ROOM)
        response = HTTPResponse(cast("socket", source), method="GET")
        response.begin()
        if response.status in (_REDIRECTS if self.body is None else _REDIRECTS_WITH_BODY):
            return self._elsewhere(target, response)
        if response.status != _OK:
            raise FetchFailed(f"{_shown(target.url)} answers with HTTP status {response.status}.")
        if response.length is not None and response.length > self.most_bytes:
            raise self._too_large(target)
        content = response.read(self.most_bytes + 1)
        if len(content) > self.most_bytes or source.is_exceeded:
            raise self._too_large(target)
        if response.length:  # less than the Content-Length has come
            raise connection.closed()
        return content

    def _elsewhere(self, target: _Target, response: HTTPResponse) -> _Target:
        location = response.getheader("Location") or ""
        return _read_url(urljoin(target.url, location))

    def _left(self, target: _Target) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self._late(target)
        return left

    def _failed(self, target: _Target, failure: HandshakeFailed) -> FetchFailed:
        if failure.reason is FailureReason.TIMEOUT:
            return self._late(target)
        if failure.reason is FailureReason.CLOSED:
            return FetchFailed(f"{_shown(target.url)} closed the connection in the midst of it.")
        return FetchFailed(f"{_shown(target.url)} cannot be fetched. {failure.message}")

    def _late(self, target: _Target) -> FetchFailed:
        return FetchFailed(
            f"{_shown(target.url)} did not answer within {self.timeout_seconds:g} seconds."
        )

    def _too_large(self, target: _Target) -> FetchFailed:
        return FetchFailed(
            f"{_shown(target.url)} is larger than {self.most_bytes} bytes, which is not plausible."
        )

    def _unknown(self, target: _Target) -> FetchFailed:
        return FetchFailed(
            f"{_shown(target.url)} cannot be fetched. No address is known for {target.host[:100]}."
        )


class _Source(io.RawIOBase):
    """The connection as the library's HTTP reader wants it: a file that comes to an end."""

    def __init__(self, connection: Connection, most_bytes: int) -> None:
        super().__init__()
        self._connection = connection
        self._left = most_bytes
        self._waiting = b""

    @property
    def is_exceeded(self) -> bool:
        """Whether more came than could be meant."""
        return self._left < 0

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._waiting and self._left >= 0:
            self._waiting = self._connection.receive()
            self._left -= len(self._waiting)
        piece, self._waiting = self._waiting[: len(buffer)], self._waiting[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)
