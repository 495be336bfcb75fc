"""What HAProxy's configuration says of TLS: which sockets use which certificates, and where.

Source: HAProxy's Configuration Manual, 3.1 (`crt-base`, `default-path`, `ssl-load-extra-files`,
`stats socket`) and 5.1 (`bind`, `crt`, `crt-list`).
"""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from ..configuration.expansion import Expansion
from ..options import is_port
from ..pem.endpoints import reachable
from ..service import Address
from .words import words_of

_SECTIONS = frozenset(
    {"backend", "cache", "crt-store", "defaults", "fcgi-app", "frontend", "global", "http-errors"}
    | {"listen", "log-forward", "log-profile", "mailers", "peers", "program", "resolvers", "ring"}
    | {"traces", "userlist", "acme"}
)
_FAMILIES = frozenset({"", "ipv4", "ipv6", "tcp", "tcp4", "tcp6"})


@dataclass(frozen=True)
class Certificate:
    """A `crt` or `crt-list` of a bind line, as it stands there."""

    name: str
    is_list: bool
    addresses: tuple[Address, ...]


@dataclass(frozen=True)
class Configuration:
    """All files of one HAProxy together.

    `folder` is where relative names begin, None where the process's own decides. `admin_socket`
    is where its runtime API may change certificates, "" for none.
    """

    certificates: tuple[Certificate, ...] = ()
    crt_base: str = ""
    folder: Path | None = None
    loads_keys: bool = True
    drops_ending: bool = False
    admin_socket: str = ""
    is_master_worker: bool = False


def read_configuration(
    texts: Iterable[tuple[Path, str]], environment: Mapping[str, str]
) -> Configuration:
    """Read the files in their order. Conditional blocks (`.if`) are taken as if all were true."""
    reader = _Reader(dict(environment))
    for path, text in texts:
        reader.section = ""
        for line in text.splitlines():
            reader.read(path, line)
    return Configuration(
        certificates=tuple(reader.certificates),
        crt_base=reader.settings.get("crt-base", ""),
        folder=reader.folder,
        loads_keys=reader.settings.get("ssl-load-extra-files", "key") == "key",
        drops_ending="ssl-load-extra-del-ext" in reader.settings,
        admin_socket=next(iter(reader.sockets), ""),
        is_master_worker="master-worker" in reader.settings,
    )


@dataclass
class _Reader:
    variables: MutableMapping[str, str]
    section: str = ""
    settings: MutableMapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    certificates: list[Certificate] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)
    expansion: Expansion = field(default_factory=Expansion)

    def read(self, path: Path, line: str) -> None:
        words = words_of(line, self.variables, self.expansion)
        if not words:
            return
        if words[0] in _SECTIONS:
            self.section = words[0]
        elif words[0] == "bind":
            self.certificates += _certificates(words[1:])
        elif self.section == "global":
            self._read_global(path, words)

    def _read_global(self, path: Path, words: Sequence[str]) -> None:
        match words:
            case ["setenv", name, value, *_]:
                self.variables[name] = value
            case ["presetenv", name, value, *_]:
                self.variables.setdefault(name, value)
            case ["default-path", "config" | "parent" | "origin" as kind, *rest]:
                self.folder = _folder(path, kind, rest)
            case ["stats", "socket", address, *rest] if _is_admin(rest):
                self.sockets.append(address)
            case ["ssl-load-extra-files", *kinds]:
                self.settings[words[0]] = "key" if {"all", "key"} & set(kinds) else "none"
            case _:
                self.settings[words[0]] = "".join(words[1:2])


def _certificates(words: Sequence[str]) -> Iterator[Certificate]:
    """Those of one bind line; without the word `ssl` none of them is used."""
    if "ssl" not in words:
        return
    addresses = tuple(_addresses(words[0]))
    for keyword, name in pairwise(words):
        if keyword in ("crt", "crt-list"):
            yield Certificate(name, keyword == "crt-list", addresses)


def _addresses(listening: str) -> Iterator[Address]:
    """Where this machine reaches the sockets of a bind line, as far as by TCP."""
    for place in listening.split(","):
        family, separator, rest = place.partition("@")
        host, colon, ports = (rest if separator else place).rpartition(":")
        port = ports.partition("-")[0]
        if (family if separator else "") not in _FAMILIES or not colon or not is_port(port):
            continue
        yield Address(reachable(host.strip("[]")), int(port))


def _is_admin(words: Sequence[str]) -> bool:
    return ("level", "admin") in pairwise(words)


def _folder(path: Path, kind: str, rest: Sequence[str]) -> Path | None:
    match kind:
        case "config":
            return path.parent
        case "parent":
            return path.parent.parent
    return Path(rest[0]) if rest else None
