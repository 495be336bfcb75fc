"""What the options of `certwright check` mean: what to look at, and what to hold it against."""

import re
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from certwright.cli.input_files import read_named_file
from certwright.cli.secret_files import read_secret
from certwright.cli.target import WrongUsageError
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.checking import Question, Roots, choose
from certwright.lifecycle.checking_revocation import RevocationDesk
from certwright.lifecycle.checking_source import (
    CheckedSource,
    ServerAddress,
    from_file,
    from_server,
    read_address,
)
from certwright.lifecycle.debian_weak_keys import debian_weak_keys
from certwright.lifecycle.known_roots import machine_roots, public_roots
from certwright.machine.starttls import StartTls
from certwright.rules.environment import Environment
from certwright.x509.certificate import Certificate
from certwright.x509.names import ServerName, parse_server_name
from certwright.x509.pem import read_pem_certificates
from certwright.x509.profile import Profile
from certwright.x509.reading import LARGEST_FILE
from certwright.x509.text import printable

STANDARD_INPUT = "-"
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_FILE_SUFFIXES = frozenset(
    {".pem", ".crt", ".cer", ".der", ".pfx", ".p12", ".p7b", ".p7c", ".jks", ".key", ".txt"}
)
_LONGEST_SHOWN = 200
_LARGEST_TRUST = 4 * LARGEST_FILE
"""Bytes; a whole system's roots are a quarter of a megabyte."""
_Word = TypeVar("_Word", Environment, StartTls, Profile)


@dataclass(frozen=True)
class CheckOptions:
    """The options as given; None or empty where left out."""

    source: str
    names: tuple[str, ...]
    environment: str
    profile: str
    trust: Path | None
    at: str | None
    only: str
    ignore: str
    password_file: Path | None
    starttls: str | None
    revocation: bool
    allow_private: bool
    public: bool | None
    weak_key_lists: Path


@dataclass(frozen=True)
class ParsedOptions:
    """`look` reads the file or shakes hands, `roots` reads the roots; both raise `CertwrightError`.

    Apart from each other and from the parsing, so that wrong usage is told before anything is done.
    """

    question: Question
    look: Callable[[], CheckedSource]
    roots: Callable[[], Roots]


def parse_options(options: CheckOptions, now: datetime) -> ParsedOptions:
    """Raises `WrongUsageError` for what can never be meant, and INVALID_INPUT for no source."""
    starttls = _word(StartTls, options.starttls, "--starttls") if options.starttls else None
    address = _address(options, starttls)
    if starttls is not None and address is None:
        raise WrongUsageError("--starttls is for servers, and this is a file.")
    names = _names(options.names, address)
    question = Question(
        names=names,
        environment=_word(Environment, options.environment, "--environment"),
        at=parse_moment(options.at) if options.at is not None else now,
        choice=_usage(lambda: choose(options.only, options.ignore)),
        revocation=RevocationDesk(options.allow_private, secrets.token_bytes)
        if options.revocation
        else None,
        is_public=options.public,
        debian_weak_keys=debian_weak_keys(options.weak_key_lists),
        profile=_word(Profile, options.profile, "--profile"),
    )

    def look() -> CheckedSource:
        if address is not None:
            return from_server(options.source, address, names[0])
        password = None
        if options.password_file is not None:
            password = read_secret(options.password_file, "password")
        return from_file(options.source, _content(options.source), password)

    return ParsedOptions(question, look, lambda: _roots(options.trust))


def parse_moment(text: str, option: str = "--at") -> datetime:
    """RFC 3339 with its zone, as UTC; raises `WrongUsageError` that names the `option`.

    To the second: certificates tell no fractions, and are good to the end of their last second.
    """
    try:
        if _RFC_3339.fullmatch(text):
            whole = re.sub(r"\.[0-9]+", "", text)
            return datetime.fromisoformat(whole.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise WrongUsageError(
        f"{option} takes a moment as RFC 3339 writes it, with a zone: 2026-11-24T12:00:00Z, or "
        "2026-11-24T13:00:00+01:00."
    )


def _address(options: CheckOptions, starttls: StartTls | None) -> ServerAddress | None:
    """The server that SOURCE names, or None if it is a file."""
    source = options.source
    if source == STANDARD_INPUT or _is_there(source):
        return None
    address = None if _looks_like_a_file(source) else read_address(source, starttls)
    if address is None:
        shown = printable(source, _LONGEST_SHOWN)
        found = (
            f"{shown} is a folder, not a file."
            if _is_folder(source)
            else f'There is no file "{shown}", and it names no server either.'
        )
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            found,
            "Name a file that exists and that you may read, or a server as host:port.",
        )
    return address


def _is_there(source: str) -> bool:
    try:
        return Path(source).exists() and not Path(source).is_dir()
    except (OSError, ValueError):  # no folder may be entered, or a NUL within the name
        return False


def _is_folder(source: str) -> bool:
    try:
        return bool(source) and Path(source).is_dir()
    except (OSError, ValueError):
        return False


def _looks_like_a_file(source: str) -> bool:
    return "/" in source or "\\" in source or Path(source).suffix.lower() in _FILE_SUFFIXES


def _names(given: tuple[str, ...], address: ServerAddress | None) -> tuple[ServerName, ...]:
    if given:
        return tuple(_usage(partial(parse_server_name, name)) for name in dict.fromkeys(given))
    if address is None:
        raise WrongUsageError("Say which server it is for: --for NAME.")
    return (parse_server_name(address.host),)


_Result = TypeVar("_Result")


def _usage(parse: Callable[[], _Result]) -> _Result:
    """What `parse` returns; what it refuses is wrong usage."""
    try:
        return parse()
    except CertwrightError as error:
        raise WrongUsageError(f"{error.message} {error.remedy}") from None


def _word(kind: type[_Word], text: str, option: str) -> _Word:
    try:
        return kind(text.lower())
    except ValueError:
        raise WrongUsageError(f"{option} is one of {', '.join(kind)}.") from None


def _content(source: str) -> bytes:
    if source == STANDARD_INPUT:
        return sys.stdin.buffer.read(LARGEST_FILE + 1)
    return read_named_file(Path(source), LARGEST_FILE + 1)


def _roots(trust: Path | None) -> Roots:
    if trust is None:
        trusted = tuple(dict.fromkeys((*machine_roots(), *public_roots())))
        return Roots(trusted, public_roots(), own_count=True)
    data = read_named_file(trust, _LARGEST_TRUST + 1)
    certificates = read_pem_certificates(data) if len(data) <= _LARGEST_TRUST else ()
    # A bundle of an authority has its intermediates too, which clients do not trust by themselves.
    # Where there is no root at all, those named are what is to be trusted.
    roots = tuple(filter(_is_root, certificates)) or tuple(filter(_is_authority, certificates))
    if not roots:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {trust} holds no root: no self-signed certificate, and no authority, in "
            "PEM.",
            "Give the root of the authority, in PEM, with --trust.",
        )
    return Roots(roots, public_roots(), own_count=False)


def _is_root(certificate: Certificate) -> bool:
    return certificate.is_self_signed


def _is_authority(certificate: Certificate) -> bool:
    return certificate.is_authority
