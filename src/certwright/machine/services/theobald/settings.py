"""Settings of an Xtract Universal or Board Connector: which thumbprint stands where, for whom.

The vendor's pages name the folders and some files, and show the content of none. So any file
below `config` may hold a thumbprint, and the names around it, or those of its file and folders,
tell whose it is: the documented `server\\web\\general.json` and `server\\config\\general.json` are
the Web Server's and the Configuration Server's.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from ...failures import FailureCode, MachineError
from ...unfinished_files import UNFINISHED
from ..service_files.reading import read_file
from ..service_files.replacing import FORMER, PREVIOUS, former_content
from .enclosing_names import enclosing_names
from .thumbprint_text import FileText, Occurrence

_SERVER_FOLDERS = ("servers", "server")
"""The vendor's pages use both names for the one folder."""
_NO_SETTINGS = (".bak", ".exe", ".log", FORMER, PREVIOUS, UNFINISHED)
"""The renewal script of the vendor leaves `tls.json.bak` behind."""
_MOST_FILES = 100_000
_MOST_THUMBPRINTS = 1_000
"""In one file."""


class Endpoint(StrEnum):
    """The tabs of the server settings that choose a certificate."""

    CONFIGURATION_SERVER = "configuration-server"
    WEB_SERVER = "web-server"


@dataclass(frozen=True)
class Choice:
    """A thumbprint in a settings file. `endpoint` is None where it cannot be told whose it is.

    `likelihood` is 2 where a name calls it a thumbprint, 1 where names speak of certificates,
    else 0.
    """

    occurrence: Occurrence
    endpoint: Endpoint | None
    likelihood: int

    @property
    def thumbprint(self) -> str:
        """In lower-case hex."""
        return self.occurrence.thumbprint


@dataclass(frozen=True)
class SettingsFile:
    """A file below `config`: `parts` are its folders and its name from there."""

    path: Path
    parts: tuple[str, ...]
    content: bytes

    @cached_property
    def text(self) -> FileText:
        """Its content, to be searched."""
        return FileText.read(self.content)

    @property
    def is_of_server(self) -> bool:
        """Whether it stands in the folder of the server settings."""
        return len(self.parts) > 1 and self.parts[0].lower() in _SERVER_FOLDERS

    def thumbprints(self, endpoint: Endpoint) -> frozenset[str]:
        """All that stand for this endpoint."""
        return frozenset(one.thumbprint for one in self.choices(endpoint))

    def choices(self, endpoint: Endpoint, thumbprint: str = "") -> tuple[Choice, ...]:
        """Those of this endpoint or of both, of any thumbprint if none is given."""
        found = self.text.occurrences(thumbprint) if thumbprint else self.text.thumbprints()
        if len(found) > _MOST_THUMBPRINTS:
            raise MachineError(
                FailureCode.TOO_LARGE,
                f"{self.path} holds more than {_MOST_THUMBPRINTS} thumbprints.",
                "Look whether it is a settings file at all, and move it away if not.",
            )
        choices = map(self._choice, found)
        return tuple(one for one in choices if one.endpoint in (endpoint, None))

    def exchanged(self, exchanges: Iterable[tuple[Choice, str]]) -> bytes:
        """The content with other thumbprints in these places."""
        return self.text.exchanged((one.occurrence, other) for one, other in exchanges).content

    def with_choice_of(self, other: "SettingsFile", endpoint: Endpoint) -> bytes | None:
        """The content with the endpoint's thumbprints that stand in another version of the file.

        None where the two are too different to tell which belongs where.
        """
        own, others = self.choices(endpoint), other.choices(endpoint)
        gone = self.thumbprints(endpoint) - other.thumbprints(endpoint)
        back = other.thumbprints(endpoint) - self.thumbprints(endpoint)
        if not gone and not back:
            return self.content
        if len(gone) == len(back) == 1:
            (former,) = back
            return self.exchanged((one, former) for one in own if one.thumbprint in gone)
        if len(own) == len(others):
            pairs = zip(own, others, strict=True)
            return self.exchanged(
                (one, former.thumbprint)
                for one, former in pairs
                if one.thumbprint != former.thumbprint
            )
        return None

    @property
    def _place_names(self) -> tuple[str, ...]:
        if self.is_of_server:
            return (*self.parts[1:-1], Path(self.parts[-1]).stem)
        return (Path(self.parts[-1]).stem,) if len(self.parts) == 1 else ()

    def _choice(self, found: Occurrence) -> Choice:
        names = enclosing_names(self.text.text, found.start)
        return Choice(
            found,
            _endpoint_of(names) or _endpoint_of(self._place_names),
            _likelihood((*names, *self._place_names)),
        )


def settings_files(config: Path) -> Iterator[SettingsFile]:
    """Every file below `config`, those of the server first; raises what `read_file` does."""
    for path, parts in _paths(config):
        if not parts[-1].lower().endswith(_NO_SETTINGS):
            yield SettingsFile(path, parts, read_file(path))


def server_settings(config: Path) -> list[SettingsFile]:
    """The files that may hold a choice: those of the server, and those of `config` itself."""
    return [
        SettingsFile(path, parts, read_file(path))
        for path, parts in _paths(config)
        if (len(parts) == 1 or parts[0].lower() in _SERVER_FOLDERS)
        and not parts[-1].lower().endswith(_NO_SETTINGS)
    ]


def switched_files(config: Path) -> Iterator[tuple[Path, SettingsFile]]:
    """Files that a switch under way has changed, and each as it was when it was activated last."""
    for kept, parts in _paths(config):
        if parts[-1].endswith(FORMER):
            name = parts[-1].removesuffix(FORMER).removeprefix(".")
            path = kept.with_name(name)
            content = former_content(path)
            if content is not None:
                yield path, SettingsFile(path, (*parts[:-1], name), content)


def reset_files(config: Path) -> Iterator[tuple[Path, SettingsFile]]:
    """Those of a reset under way: gone, and the running program has not yet begun without them."""
    return ((path, former) for path, former in switched_files(config) if not path.exists())


def as_it_is(path: Path, former: SettingsFile) -> SettingsFile | None:
    """The file as it is now, None where it is gone."""
    return SettingsFile(path, former.parts, read_file(path)) if path.exists() else None


def likely_choices(files: Iterable[SettingsFile], endpoint: Endpoint) -> tuple[Choice, ...]:
    """What is likeliest the endpoint's choice among server settings.

    If they differ in their thumbprints, nothing tells which of them it is.
    """
    found = [
        (one.likelihood > 0, file.is_of_server, one.endpoint is not None, one.likelihood, one)
        for file in files
        if file.is_of_server or len(file.parts) == 1
        for one in file.choices(endpoint)
    ]
    likeliest = max((each[:-1] for each in found), default=())
    return tuple(each[-1] for each in found if each[:-1] == likeliest)


def only_thumbprint(choices: Iterable[Choice]) -> str:
    """That of all of them, "" where there is none or where they differ."""
    thumbprints = {one.thumbprint for one in choices}
    return thumbprints.pop() if len(thumbprints) == 1 else ""


def port_of(files: Iterable[SettingsFile], endpoint: Endpoint) -> int | None:
    """The port in the endpoint's documented `general.json`, where exactly one can be its."""
    ports = {
        port
        for file in files
        if file.is_of_server and _endpoint_of(file.parts[1:-1]) is endpoint
        for name, port in _numbers(file.content)
        if "port" in name and (endpoint is Endpoint.CONFIGURATION_SERVER or _is_tls(name))
    }
    return ports.pop() if len(ports) == 1 else None


def _paths(config: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    found = 0
    for folder, folders, names in os.walk(config, onerror=_unreadable):
        folders.sort(key=lambda name: (name.lower() not in _SERVER_FOLDERS, name))
        for name in sorted(names):
            path = Path(folder, name)
            if not path.is_file():
                continue
            found += 1
            if found > _MOST_FILES:
                raise MachineError(
                    FailureCode.TOO_LARGE,
                    f"There are more than {_MOST_FILES} files below {config}.",
                    "Name the folder of one installation.",
                )
            yield path, path.relative_to(config).parts


def _unreadable(error: OSError) -> None:
    raise MachineError(
        FailureCode.NOT_PERMITTED,
        f"The folder {error.filename} cannot be read: {error.strerror}.",
        "Let the account that Certwright runs as read it, then try again.",
    )


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _endpoint_of(names: Iterable[str]) -> Endpoint | None:
    plain = [_plain(name) for name in names]
    of_web = any("web" in name or "http" in name for name in plain)
    of_configuration = any(
        word in name
        for name in plain
        for word in ("configserver", "configurationserver", "designer", "rpc")
    )
    if of_web or of_configuration:
        both = of_web and of_configuration
        one = Endpoint.WEB_SERVER if of_web else Endpoint.CONFIGURATION_SERVER
        return None if both else one
    return Endpoint.CONFIGURATION_SERVER if "config" in plain else None


def _likelihood(names: Iterable[str]) -> int:
    plain = [_plain(name) for name in names]
    if any("thumbprint" in name for name in plain):
        return 2
    words = ("cert", "ssl", "tls", "x509")
    return int(any(word in name for name in plain for word in words))


def _is_tls(name: str) -> bool:
    return any(word in name for word in ("https", "ssl", "tls"))


def _numbers(content: bytes) -> Iterator[tuple[str, int]]:
    """Numbers of a JSON file that may be ports, each with its keys as one lower-case word."""
    try:
        document = json.loads(content.decode(json.detect_encoding(content)))
        yield from list(_numbers_in(document, ""))
    except (ValueError, RecursionError):
        return


def _numbers_in(value: Any, name: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _numbers_in(inner, f"{name} {key}".lower())
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers_in(inner, name)
    elif type(value) is int and 0 < value < 65536:
        yield name, value
