"""Syslog (RFC 5424): one record for each sentence, with its kind and subject as structured data."""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.telling.channel import (
    OPERATION_SECONDS,
    TlsContext,
    reason,
    telling_failed,
)
from certwright.lifecycle.telling.message import Entry, Message
from certwright.x509.text import rfc3339

_DAEMON = 3
_ERROR, _WARNING, _NOTICE = 3, 4, 5
_ENTERPRISE = "certwright@32473"
"""RFC 5424 7.2.2 wants a private enterprise number; this one is kept for examples (RFC 5612)."""
_LONGEST_RECORD = 2048
"""RFC 5424 6.1: what every receiver should be able to take."""
_ADDRESS = re.compile(r"(udp|tcp|tls)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")


class Transport(StrEnum):
    """How records travel."""

    LOCAL = "local"
    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"

    @property
    def port(self) -> int:
        """The customary one: RFC 5426 3.3, RFC 5425 4.1."""
        return 6514 if self is Transport.TLS else 514


@dataclass(frozen=True)
class SyslogAddress:
    """Where records go; `host` is a path for the local one."""

    transport: Transport
    host: str
    port: int


@dataclass(frozen=True)
class Syslog:
    """Sends each entry of a message to the syslog at `address`."""

    address: SyslogAddress
    context: TlsContext = field(repr=False)

    def send(self, message: Message) -> str:
        """Raises TELLING_FAILED. Nobody answers: that it was sent is all that can be said."""
        records = [_record(message, entry) for entry in message.entries]
        try:
            self._send(records)
        except OSError as error:
            raise telling_failed(
                f"The syslog at {self.address.host} cannot be spoken to: {reason(error)}.",
                "See that it runs and that syslog.address is right, then: "
                "certwright notify test syslog",
            ) from None
        return f"{len(records)} sent to {self.address.host}; syslog gives no answer"

    def _send(self, records: list[bytes]) -> None:
        match self.address.transport:
            case Transport.LOCAL:
                self._send_locally(records)
            case Transport.UDP:
                self._send_datagrams(records)
            case Transport.TCP | Transport.TLS:
                self._send_stream(records)

    def _send_locally(self, records: list[bytes]) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
            local.settimeout(OPERATION_SECONDS)
            local.connect(self.address.host)
            for record in records:
                local.send(record)

    def _send_datagrams(self, records: list[bytes]) -> None:
        found = socket.getaddrinfo(self.address.host, self.address.port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, target = found[0]
        with socket.socket(family, kind, protocol) as datagrams:
            datagrams.settimeout(OPERATION_SECONDS)
            datagrams.connect(target)
            for record in records:
                datagrams.send(record)

    def _send_stream(self, records: list[bytes]) -> None:
        with self._stream() as stream:
            for record in records:
                # RFC 6587 3.4.1 and RFC 5425 4.3: the length in octets before each.
                stream.sendall(str(len(record)).encode() + b" " + record)

    @contextmanager
    def _stream(self) -> Iterator[socket.socket]:
        where = (self.address.host, self.address.port)
        with socket.create_connection(where, OPERATION_SECONDS) as plain:
            if self.address.transport is Transport.TCP:
                yield plain
                return
            with self.context().wrap_socket(plain, server_hostname=self.address.host) as tls:
                yield tls


def read_address(text: str) -> SyslogAddress:
    """`udp://`, `tcp://` or `tls://HOST[:PORT]`, or the path of a local socket.

    Raises INVALID_INPUT.
    """
    if text.startswith("/") and text.isprintable():
        return SyslogAddress(Transport.LOCAL, text, 0)
    match = _ADDRESS.fullmatch(text)
    if match is None or not 0 < int(match[3] or 1) < 1 << 16:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "This is no address that a syslog can have.",
            "Write it as tls://HOST:6514, tcp://HOST:514, udp://HOST:514 or /dev/log.",
        )
    transport = Transport(match[1])
    port = int(match[3]) if match[3] else transport.port
    return SyslogAddress(transport, match[2].strip("[]"), port)


def _record(message: Message, entry: Entry) -> bytes:
    """One SYSLOG-MSG (RFC 5424 6)."""
    severity = _NOTICE if entry.good else _WARNING if entry.still else _ERROR
    data = {
        "kind": entry.kind,
        "subject": entry.subject,
        "count": str(entry.count),
        "message": message.identifier,
    }
    facts = " ".join(f'{name}="{_escaped(value)}"' for name, value in data.items())
    head = (
        f"<{_DAEMON * 8 + severity}>1 {rfc3339(entry.last_at)} {_header(message.server_name)} "
        f"certwright {os.getpid()} {_header(entry.kind)[:32]} [{_ENTERPRISE} {facts}] "
    )
    said = f"\N{BYTE ORDER MARK}{entry.sentence} {entry.remedy}".rstrip()
    return (head + said).encode()[:_LONGEST_RECORD].decode("utf-8", "ignore").encode()


def _escaped(value: str) -> str:
    """RFC 5424 6.3.3: a backslash before the three that could end the value."""
    return re.sub(r'(["\\\]])', r"\\\1", value[:200])


def _header(value: str) -> str:
    """RFC 5424 6: printable US-ASCII without spaces."""
    return re.sub(r"[^!-~]", "?", value)[:255] or "-"
