"""Asking a server that begins in the clear to go over to TLS.

Everything here is said before there is any protection, so nothing of it is believed but one
thing: that TLS begins with the next byte. What stands behind the server's consent in the clear
was put there by somebody who wants it taken for an answer under TLS (CVE-2011-0411,
CVE-2021-23222); then there is no handshake.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from ipaddress import IPv6Address, ip_address

from .connection import Connection, FailureReason, HandshakeFailed

_LONGEST_LINE = 8 * 1024
_MOST_LINES = 200
_LARGEST_PACKET = 16 * 1024
"""Bytes of a line, lines of an answer, bytes of a binary packet: generous for honest servers."""


class StartTls(StrEnum):
    """The protocols that begin in the clear, by the names that `openssl s_client` has for them."""

    SMTP = "smtp"
    IMAP = "imap"
    POSTGRES = "postgres"
    MYSQL = "mysql"
    LDAP = "ldap"

    @property
    def label(self) -> str:
        """As people say it."""
        return _LABELS[self]


_LABELS = {
    StartTls.SMTP: "SMTP",
    StartTls.IMAP: "IMAP",
    StartTls.POSTGRES: "the PostgreSQL protocol",
    StartTls.MYSQL: "the MySQL protocol",
    StartTls.LDAP: "LDAP",
}

USUAL_PORTS: Mapping[int, StartTls] = {
    25: StartTls.SMTP,
    587: StartTls.SMTP,
    143: StartTls.IMAP,
    5432: StartTls.POSTGRES,
    3306: StartTls.MYSQL,
    389: StartTls.LDAP,
}


def begin_tls(connection: Connection, protocol: StartTls) -> None:
    """Speak `protocol` on a new connection until the server waits for a ClientHello.

    Raises `HandshakeFailed` (no-starttls where the server has no TLS to offer, wrong-protocol
    where something else answers, tampered where more came than the consent, or why the
    connection ended).
    """
    _WAYS[protocol](_Dialogue(connection, protocol))


class _Dialogue:
    """A conversation in the clear, read to the byte, every piece of it bounded."""

    def __init__(self, connection: Connection, protocol: StartTls) -> None:
        self._connection = connection
        self._protocol = protocol
        self._waiting = b""

    def send(self, data: bytes) -> None:
        self._connection.send(data)

    def greet_as(self) -> str:
        """Who we are, for EHLO. RFC 5321 4.1.3: an address literal, for want of a name."""
        address = ip_address(self._connection.local_address)
        return f"[IPv6:{address}]" if isinstance(address, IPv6Address) else f"[{address}]"

    def line(self) -> bytes:
        """The next line, without its end."""
        while b"\n" not in self._waiting:
            if len(self._waiting) > _LONGEST_LINE:
                raise self.other_protocol()
            self._receive()
        line, _, self._waiting = self._waiting.partition(b"\n")
        return line.removesuffix(b"\r")

    def exactly(self, count: int) -> bytes:
        """The next `count` bytes."""
        if count > _LARGEST_PACKET:
            raise self.other_protocol()
        while len(self._waiting) < count:
            self._receive()
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    def agreed(self) -> None:
        """The server has consented; the next byte it sends has to be TLS."""
        if self._waiting:
            raise HandshakeFailed(
                FailureReason.TAMPERED,
                f"{self._connection.place} sent more in the clear behind its consent to TLS; "
                "somebody on the way there may have added it.",
            )

    def refused(self) -> HandshakeFailed:
        """The server speaks the protocol, and has no TLS in it."""
        return HandshakeFailed(
            FailureReason.NO_STARTTLS,
            f"{self._connection.place} speaks {self._protocol.label}, but offers no TLS in it.",
        )

    def other_protocol(self) -> HandshakeFailed:
        """The server speaks something else."""
        return HandshakeFailed(
            FailureReason.WRONG_PROTOCOL,
            f"{self._connection.place} answers, but not with {self._protocol.label}.",
        )

    def _receive(self) -> None:
        data = self._connection.receive()
        if not data:
            raise self._connection.closed()
        self._waiting += data


def _smtp(dialogue: _Dialogue) -> None:
    """RFC 3207. A server that is too busy or unwilling says so with another code than 220."""
    _smtp_answer(dialogue, b"220")
    dialogue.send(f"EHLO {dialogue.greet_as()}\r\n".encode("ascii"))
    offers = _smtp_answer(dialogue, b"250")
    if b"STARTTLS" not in {offer.strip().upper() for offer in offers}:
        raise dialogue.refused()
    dialogue.send(b"STARTTLS\r\n")
    _smtp_answer(dialogue, b"220")
    dialogue.agreed()


def _smtp_answer(dialogue: _Dialogue, wanted: bytes) -> list[bytes]:
    """The texts of one answer. RFC 5321 4.2.1: a hyphen behind the code says more will follow."""
    texts = []
    for _ in range(_MOST_LINES):
        line = dialogue.line()
        if not line[:3].isdigit() or line[3:4] not in (b"-", b" ", b""):
            raise dialogue.other_protocol()
        if line[:3] != wanted:
            raise dialogue.refused()
        texts.append(line[4:])
        if line[3:4] != b"-":
            return texts
    raise dialogue.other_protocol()


def _imap(dialogue: _Dialogue) -> None:
    """RFC 9051 6.2.1."""
    greeting = dialogue.line().upper()
    # RFC 9051 7.1.4: after PREAUTH the session is past the point where TLS could begin.
    if greeting.startswith((b"* PREAUTH", b"* BYE")):
        raise dialogue.refused()
    if not greeting.startswith(b"* OK"):
        raise dialogue.other_protocol()
    dialogue.send(b"a1 STARTTLS\r\n")
    for _ in range(_MOST_LINES):
        line = dialogue.line().upper()
        if line.startswith(b"A1 OK"):
            return dialogue.agreed()
        if line.startswith((b"A1 NO", b"A1 BAD", b"* BYE")):
            raise dialogue.refused()
        if not line.startswith(b"* "):
            break
    raise dialogue.other_protocol()


_POSTGRES_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")


def _postgres(dialogue: _Dialogue) -> None:
    """PostgreSQL's documentation, "SSL Session Encryption": SSLRequest, and one byte back."""
    dialogue.send(_POSTGRES_SSL_REQUEST)
    answer = dialogue.exactly(1)
    if answer == b"N":
        raise dialogue.refused()
    if answer != b"S":
        raise dialogue.other_protocol()
    dialogue.agreed()


_MYSQL_VERSION = 10
_MYSQL_ERROR = 0xFF
_MYSQL_PROTOCOL_41, _MYSQL_SSL = 0x0200, 0x0800
_MYSQL_LONGEST_PACKET, _MYSQL_UTF8 = 16 * 1024 * 1024, 33


def _mysql(dialogue: _Dialogue) -> None:
    """MySQL's internals manual, "Connection Phase": the greeting, and SSLRequest in return."""
    header = dialogue.exactly(4)
    greeting = dialogue.exactly(int.from_bytes(header[:3], "little"))
    if greeting[:1] == bytes([_MYSQL_ERROR]):  # too many connections, or not from this machine
        raise dialogue.refused()
    version, zero, rest = greeting[1:].partition(b"\0")
    # The connection's number (4), half of a challenge (8), a filler (1), the capabilities (2).
    if greeting[:1] != bytes([_MYSQL_VERSION]) or not version or not zero or len(rest) < 15:
        raise dialogue.other_protocol()
    if not int.from_bytes(rest[13:15], "little") & _MYSQL_SSL:
        raise dialogue.refused()
    dialogue.agreed()
    request = (
        (_MYSQL_PROTOCOL_41 | _MYSQL_SSL).to_bytes(4, "little")
        + _MYSQL_LONGEST_PACKET.to_bytes(4, "little")
        + bytes([_MYSQL_UTF8])
        + bytes(23)
    )
    dialogue.send(len(request).to_bytes(3, "little") + bytes([header[3] + 1 & 0xFF]) + request)


_LDAP_OPERATION = b"1.3.6.1.4.1.1466.20037"
_LDAP_REQUEST = (
    b"\x30\x1d\x02\x01\x01\x77\x18\x80" + bytes([len(_LDAP_OPERATION)]) + _LDAP_OPERATION
)
"""RFC 4511 4.14.1: message 1, an ExtendedRequest [APPLICATION 23] with the operation's name."""
_SEQUENCE, _INTEGER, _ENUMERATED, _EXTENDED_RESPONSE = 0x30, 0x02, 0x0A, 0x78


def _ldap(dialogue: _Dialogue) -> None:
    """RFC 4511 4.14: the answer is an ExtendedResponse whose result is success (0), or no TLS."""
    dialogue.send(_LDAP_REQUEST)
    message = _ber_element(dialogue.exactly, _SEQUENCE, dialogue)
    identifier, rest = _ber_in(message, _INTEGER, dialogue)
    response, _ = _ber_in(rest, _EXTENDED_RESPONSE, dialogue)
    result, _ = _ber_in(response, _ENUMERATED, dialogue)
    if identifier != b"\x01" or result != b"\x00":
        raise dialogue.refused()
    dialogue.agreed()


def _ber_in(data: bytes, tag: int, dialogue: _Dialogue) -> tuple[bytes, bytes]:
    """The content of the first element of `data`, and what follows it."""
    position = 0

    def take(count: int) -> bytes:
        nonlocal position
        if position + count > len(data):
            raise dialogue.other_protocol()
        position += count
        return data[position - count : position]

    return _ber_element(take, tag, dialogue), data[position:]


def _ber_element(take: Callable[[int], bytes], tag: int, dialogue: _Dialogue) -> bytes:
    found, length = take(2)
    if found != tag:
        raise dialogue.other_protocol()
    if length & 0x80:  # RFC 4511 5.1: "Only the definite form of length encoding is used."
        octets = length & 0x7F
        if not 1 <= octets <= 4:
            raise dialogue.other_protocol()
        length = int.from_bytes(take(octets), "big")
    return take(length)


_WAYS: Mapping[StartTls, Callable[[_Dialogue], None]] = {
    StartTls.SMTP: _smtp,
    StartTls.IMAP: _imap,
    StartTls.POSTGRES: _postgres,
    StartTls.MYSQL: _mysql,
    StartTls.LDAP: _ldap,
}
