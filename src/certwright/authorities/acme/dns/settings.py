"""How TXT records are put into the DNS: by RFC 2136, by acme-dns, or by a program."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from certwright.authorities.acme.documents import check_members
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.text import printable

TSIG_ALGORITHMS = ("hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha224", "hmac-sha1")
_DNS_PORT = 53
_HIGHEST_PORT = 65535
_LONGEST_WAIT = 3600
_MOST_SERVERS = 20
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,253}")
_SERVER = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]{2,45})\]|(?P<name>[A-Za-z0-9._-]{1,253}))(?::(?P<port>[0-9]{1,5}))?"
)


@dataclass(frozen=True)
class DnsServer:
    """Where a DNS server listens: a name or an address, and a port."""

    host: str
    port: int = _DNS_PORT

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DNS_PORT else f"{host}:{self.port}"


@dataclass(frozen=True)
class Rfc2136Settings:
    """A server that takes dynamic updates signed with TSIG (RFC 2136, RFC 8945)."""

    server: str
    key_name: str
    algorithm: str = "hmac-sha256"
    zone: str = ""
    """"" to ask the server which zone a name is in."""

    def __post_init__(self) -> None:
        read_server(self.server)
        if self.algorithm not in TSIG_ALGORITHMS:
            raise _invalid(
                f'"{printable(self.algorithm, 50)}" is no TSIG algorithm.',
                f"Give one of {', '.join(TSIG_ALGORITHMS)}.",
            )
        for what, name in (("TSIG key", self.key_name), ("zone", self.zone or "example")):
            if not _NAME.fullmatch(name):
                raise _invalid(f"The name of the {what} is not one.", "Copy it from the server.")


@dataclass(frozen=True)
class AcmeDnsSettings:
    """An account of an acme-dns server, to which `_acme-challenge` is a CNAME."""

    url: str
    username: str
    subdomain: str

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            is_address = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_address = False
        if not is_address or not re.fullmatch(r"[\x21-\x7e]{1,500}", self.url):
            raise _invalid(
                f'"{printable(self.url, 100)}" is no address of an acme-dns server.',
                "Give its https URL; the password would be readable on the way by plain http.",
            )
        if "@" in parts.netloc:  # everybody who may see the authorities sees its settings
            raise _invalid(
                "The address of the acme-dns server holds a user or a password.",
                "Leave them out of it: the account's stand in settings of their own.",
            )
        for what, text in (("user name", self.username), ("subdomain", self.subdomain)):
            if not _NAME.fullmatch(text):
                raise _invalid(f"The acme-dns {what} is not one.", "Copy it from its answer.")


@dataclass(frozen=True)
class HookSettings:
    """A program that adds and removes records: `PROGRAM add|remove NAME VALUE`."""

    program: str

    def __post_init__(self) -> None:
        path = PurePosixPath(self.program)
        if not path.is_absolute() or not self.program.isprintable():
            raise _invalid(
                f'"{printable(self.program, 100)}" is no program by its full path.',
                "Give the whole path, such as /usr/local/bin/add-dns-record; arguments go into it.",
            )


@dataclass(frozen=True)
class DnsSettings:
    """Who adds the records, and how long to wait until they are visible."""

    records: Rfc2136Settings | AcmeDnsSettings | HookSettings
    wait_seconds: int = 120
    servers: tuple[str, ...] = ()
    """The servers that must show a record; empty for those that the DNS names."""

    def __post_init__(self) -> None:
        if not 0 <= self.wait_seconds <= _LONGEST_WAIT:
            raise _invalid(
                f"{self.wait_seconds} seconds is no time to wait for a record.",
                f"Give 0 to {_LONGEST_WAIT}.",
            )
        if len(self.servers) > _MOST_SERVERS:
            raise _invalid("There are too many DNS servers.", f"Give {_MOST_SERVERS} at most.")
        for server in self.servers:
            read_server(server)

    def to_json(self) -> dict[str, Any]:
        """As it is kept: the way's name leads to what it needs."""
        (kind,) = (name for name, made in _KINDS.items() if isinstance(self.records, made))
        return {
            kind: dict(vars(self.records)),
            "wait_seconds": self.wait_seconds,
            "servers": list(self.servers),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "DnsSettings":
        """Read what `to_json` wrote; KeyError, TypeError or ValueError for anything else."""
        (kind,) = (name for name in _KINDS if name in document)
        check_members(_KINDS[kind], document[kind])
        check_members(cls, document)
        records = _KINDS[kind](**document[kind])
        return cls(records, document["wait_seconds"], tuple(document["servers"]))


_KINDS: Mapping[str, type[Rfc2136Settings | AcmeDnsSettings | HookSettings]] = {
    "rfc2136": Rfc2136Settings,
    "acme-dns": AcmeDnsSettings,
    "hook": HookSettings,
}


def read_server(text: str) -> DnsServer:
    """Read HOST, HOST:PORT or [IPV6]:PORT; raises INVALID_INPUT."""
    parts = _SERVER.fullmatch(text)
    port = int(parts["port"] or _DNS_PORT) if parts else 0
    if parts is None or not 0 < port <= _HIGHEST_PORT:
        raise _invalid(
            f'"{printable(text, 100)}" is no DNS server.',
            "Give a name or an address, with the port if it is not 53: [2001:db8::53]:5353.",
        )
    return DnsServer(parts["six"] or parts["name"], port)


def _invalid(message: str, remedy: str) -> CertwrightError:
    return CertwrightError(ErrorCode.INVALID_INPUT, message, remedy)
