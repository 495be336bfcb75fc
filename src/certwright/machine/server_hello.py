"""Reading what a server answers to a ClientHello, as far as it comes in the clear.

Pure, and made for bytes from anybody: everything but TLS is refused with `NotTls`.
"""

from dataclasses import dataclass

_ALERT, _HANDSHAKE, _CHANGE_CIPHER_SPEC = 0x15, 0x16, 0x14
_SERVER_HELLO, _SERVER_KEY_EXCHANGE, _SERVER_HELLO_DONE = 2, 12, 14
_LARGEST_RECORD = 2**14
_LARGEST_MESSAGE = 2**17
_SUPPORTED_VERSIONS, _KEY_SHARE = 43, 51
_NAMED_CURVE = 3
_TLS_1_3 = 0x0304


class NotTls(Exception):  # noqa: N818 - says what the bytes are, not what went wrong
    """The bytes are no TLS records, or no messages that a server sends first."""


@dataclass(frozen=True)
class Answer:
    """What the server chose. `version` as on the wire (0x0304 is TLS 1.3); `group` likewise.

    `alert` is the alert's number where the server refused, and then the others are None.
    """

    version: int | None
    group: int | None
    alert: int | None


def read_answer(data: bytes) -> Answer | None:
    """The answer in `data`, the bytes received so far; None if more must come first."""
    messages, alert = _messages(data)
    version: int | None = None
    for kind, body in messages:
        if kind == _SERVER_HELLO:
            version, group = _read_server_hello(body)
            if version >= _TLS_1_3 or group is not None:
                return Answer(version, group, None)
        elif version is None:
            raise NotTls("the first message is no ServerHello")
        elif kind == _SERVER_KEY_EXCHANGE:
            return Answer(version, _read_server_key_exchange(body), None)
        elif kind == _SERVER_HELLO_DONE:
            return Answer(version, None, None)
    if alert is not None:
        return Answer(None, None, alert)
    return None


def read_version(data: bytes) -> Answer | None:
    """As `read_answer`, but satisfied with the ServerHello alone."""
    messages, alert = _messages(data)
    for kind, body in messages:
        if kind != _SERVER_HELLO:
            raise NotTls("the first message is no ServerHello")
        version, group = _read_server_hello(body)
        return Answer(version, group, None)
    return None if alert is None else Answer(None, None, alert)


def _messages(data: bytes) -> tuple[list[tuple[int, bytes]], int | None]:
    """The complete handshake messages, and the alert after them if there is one."""
    stream, alert = _handshake_stream(data)
    messages: list[tuple[int, bytes]] = []
    position = 0
    while position + 4 <= len(stream):
        length = int.from_bytes(stream[position + 1 : position + 4], "big")
        if length > _LARGEST_MESSAGE:
            raise NotTls("a message of absurd length")
        end = position + 4 + length
        if end > len(stream):
            break
        messages.append((stream[position], stream[position + 4 : end]))
        position = end
    return messages, alert


def _handshake_stream(data: bytes) -> tuple[bytes, int | None]:
    stream = bytearray()
    position = 0
    while position < len(data):
        kind = data[position]
        if kind not in (_ALERT, _HANDSHAKE, _CHANGE_CIPHER_SPEC):
            raise NotTls("no TLS record")
        if position + 5 > len(data):
            break
        length = int.from_bytes(data[position + 3 : position + 5], "big")
        # RFC 8446 5.1: "The length MUST NOT exceed 2^14 bytes"; major version 3 since SSL 3.0.
        if data[position + 1] != 3 or length > _LARGEST_RECORD:
            raise NotTls("no TLS record")
        body = data[position + 5 : position + 5 + length]
        if len(body) < length:
            break
        if kind == _ALERT:
            if len(body) != 2:
                raise NotTls("no alert in the clear")
            return bytes(stream), body[1]
        if kind == _HANDSHAKE:
            stream += body
        position += 5 + length
    return bytes(stream), None


def _read_server_hello(body: bytes) -> tuple[int, int | None]:
    """RFC 8446 4.1.3; a HelloRetryRequest has the same form, with the group alone in key_share."""
    reader = _Reader(body)
    version = reader.number(2)
    reader.take(32)
    reader.take(reader.number(1))
    reader.take(3)
    group: int | None = None
    extensions = _Reader(reader.take(reader.number(2)) if reader.left else b"")
    while extensions.left:
        kind = extensions.number(2)
        content = _Reader(extensions.take(extensions.number(2)))
        if kind == _SUPPORTED_VERSIONS:
            version = content.number(2)
        elif kind == _KEY_SHARE:
            group = content.number(2)
    return version, group


def _read_server_key_exchange(body: bytes) -> int | None:
    """The curve of an ECDHE exchange (RFC 8422 5.4), None for any other."""
    reader = _Reader(body)
    return reader.number(2) if reader.number(1) == _NAMED_CURVE else None


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._position

    def take(self, length: int) -> bytes:
        if length > self.left:
            raise NotTls("a message ends too early")
        self._position += length
        return self._data[self._position - length : self._position]

    def number(self, length: int) -> int:
        return int.from_bytes(self.take(length), "big")
