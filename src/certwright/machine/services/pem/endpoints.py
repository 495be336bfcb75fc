"""What a configuration says of certificates, as endpoints: one for each pair of files."""

import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path

from ...failures import FailureCode, MachineError
from ..service import Address, FoundEndpoint
from .certificates import thumbprint_of
from .files import PemFiles

_OTHER_TOOLS = {
    "letsencrypt": "certbot",
    ".acme.sh": "acme.sh",
    "dehydrated": "dehydrated",
    ".lego": "lego",
    "lego": "lego",
}
"""Folders of programs that renew certificates themselves."""
_SNAKEOIL = "ssl-cert-snakeoil"
_DNS_NAME = re.compile(r"(?:\*\.)?[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")
_LONGEST_NAME = 253
_LONGEST_FIRST, _LONGEST_SUFFIX = 160, 80
"""Of the parts of an endpoint's name, which has 253 characters at most."""
_READABLE_BY_ALL = 0o004
_MOST_SERVERS = 5000


@dataclass(frozen=True)
class TlsServer:
    """One part of a configuration that serves with a certificate.

    `otherwise` is what its endpoint is called where it has no names: by default after the file.
    """

    names: tuple[str, ...]
    addresses: tuple[Address, ...]
    files: PemFiles
    notes: tuple[str, ...] = ()
    otherwise: str = ""


@dataclass(frozen=True)
class FoundServers:
    """The servers that a configuration has, and what an administrator should know besides."""

    servers: tuple[TlsServer, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class FileEndpoint:
    """An endpoint as others see it, and the files that its choice stands in."""

    found: FoundEndpoint
    files: PemFiles


def endpoints_of(servers: Iterable[TlsServer]) -> tuple[FileEndpoint, ...]:
    """An endpoint for each pair of files, whoever shares it; reads the certificates.

    Raises TOO_LARGE.
    """
    sharing: dict[tuple[Path, Path], list[TlsServer]] = {}
    for number, server in enumerate(servers):
        if number == _MOST_SERVERS:
            raise MachineError(
                FailureCode.TOO_LARGE,
                f"The configuration has more than {_MOST_SERVERS} servers with TLS.",
                "Divide it among several configurations, and name each of them.",
            )
        sharing.setdefault((server.files.certificate, server.files.key), []).append(server)
    joined = [_joined(of_pair) for of_pair in sharing.values()]
    taken: set[str] = set()
    users = Counter(server.files.key for server in joined)
    return tuple(
        _endpoint(server, _unused_name(server, taken), is_shared=users[server.files.key] > 1)
        for server in joined
    )


def dns_names(values: Iterable[str]) -> tuple[str, ...]:
    """Those that clients can call a server by, in lower case and each once."""
    lowered = (value.lower() for value in values)
    fitting = (
        name.rstrip(".")
        for name in lowered
        if len(name) <= _LONGEST_NAME and _DNS_NAME.fullmatch(name) and name != "_"
    )
    return tuple(dict.fromkeys(fitting))


def absolute(path: str, folder: Path) -> Path:
    """A path of a configuration, whose relative ones begin at `folder`."""
    return Path(os.path.normpath(folder / path))


def reachable(host: str) -> str:
    """Where this machine reaches a server that listens at `host`, which may be everywhere."""
    return {"": "127.0.0.1", "*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _joined(servers: Sequence[TlsServer]) -> TlsServer:
    chains = (server.files.chain for server in servers)
    return replace(
        servers[0],
        names=tuple(dict.fromkeys(name for server in servers for name in server.names)),
        addresses=tuple(dict.fromkeys(one for server in servers for one in server.addresses)),
        files=replace(servers[0].files, chain=next(filter(None, chains), None)),
        notes=tuple(dict.fromkeys(note for server in servers for note in server.notes)),
    )


def _unused_name(server: TlsServer, taken: set[str]) -> str:
    """After the first name that clients call it by; the file tells two of one name apart."""
    stem = server.files.certificate.stem
    first = server.names[0] if server.names else server.otherwise or stem
    plain = _plain(first.replace("*.", "wildcard.", 1), _LONGEST_FIRST) or "server"
    suffix = _plain(stem, _LONGEST_SUFFIX)
    more = (f"{plain}-{suffix}-{number}" for number in count(2))
    candidates = chain((plain, f"{plain}-{suffix}"), more)
    name = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(name)
    return name


def _plain(name: str, longest: int) -> str:
    """Letters, digits, ".", "-" and "_", a letter or a digit first: as endpoints are called."""
    return re.sub(r"[^a-z0-9._-]", "-", name.lower()).lstrip("._-")[:longest]


def _endpoint(server: TlsServer, name: str, *, is_shared: bool) -> FileEndpoint:
    files = server.files
    certificate, fault = _current(files)
    place = str(files.certificate)
    if files.key != files.certificate:
        place += f", its private key in {files.key}"
    notes = (*server.notes, *fault, *_notes(files, is_shared=is_shared))
    found = FoundEndpoint(
        name=name,
        names=server.names,
        addresses=server.addresses,
        place=place,
        thumbprint=thumbprint_of(certificate),
        certificate=certificate,
        notes=notes,
    )
    return FileEndpoint(found, files)


def _current(files: PemFiles) -> tuple[bytes, tuple[str, ...]]:
    try:
        certificate = files.current()
    except MachineError as failure:
        return b"", (failure.message,)
    return certificate, () if certificate else (f"{files.certificate} holds no certificate yet.",)


def _notes(files: PemFiles, *, is_shared: bool) -> Iterable[str]:
    key = files.key
    if _is_readable_by_all(key):
        yield f"Every account of this machine may read the private key in {key}."
    if _SNAKEOIL in files.certificate.name:
        yield (
            f"{files.certificate} is what the package ssl-cert made for the whole system; "
            "other services may use it too, and would get the new certificate with this one."
        )
    for tool in dict.fromkeys(filter(None, map(_other_tool, files.all))):
        yield f"{tool} renews these files too; let only one of the two do it."
    if is_shared:
        yield (
            f"Other certificates of this configuration share the private key in {key}; "
            "one with a new key would not fit them."
        )


def _is_readable_by_all(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return os.name == "posix" and stat.S_ISREG(mode) and bool(mode & _READABLE_BY_ALL)


def _other_tool(path: Path) -> str | None:
    try:
        parts = {*path.parts, *path.resolve().parts}
    except (OSError, RuntimeError):
        parts = set(path.parts)
    return next((tool for folder, tool in _OTHER_TOOLS.items() if folder in parts), None)
