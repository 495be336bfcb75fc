"""The PEM files that HAProxy loads for its certificates, under the names it knows them by.

Source: HAProxy's Configuration Manual, 5.1 (`crt`, `crt-list`) and 3.1 (`ssl-load-extra-files`).
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from ...failures import MachineError
from ..configuration.files import ConfigurationFiles
from ..service import Address
from ..service_files.reading import read_file
from .configuration import Certificate, Configuration

_NOT_LOADED = (".key", ".issuer", ".ocsp", ".sctl")
"""Endings of files in a folder that are no certificates of their own."""
_BUNDLED = (".rsa", ".ecdsa", ".dsa")
"""`crt site.pem` stands for these where no site.pem is there."""
_BELONGS_TO_ONE = (".ocsp", ".sctl")
"""What HAProxy loads beside a certificate, and what holds for that one alone."""
_LIST_LINE = re.compile(r"(\S+)(?:\s+\[[^\]]*\])?((?:\s+[^\s\[#]+)*)")
_MOST_FILES = 5000


@dataclass(frozen=True)
class LoadedFile:
    """A file with a certificate. `name` is HAProxy's own for it, as its runtime API wants it.

    `key` is `path` itself where both are in one file; `names` those that a crt-list serves it for.
    """

    name: str
    path: Path
    key: Path
    names: tuple[str, ...]
    addresses: tuple[Address, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Loaded:
    """All of them, sentences on what could not be followed, and who wrote lists besides root."""

    files: tuple[LoadedFile, ...]
    notes: tuple[str, ...]
    authors: AbstractSet[int] = frozenset()


def loaded_files(configuration: Configuration, folder: Path | None) -> Loaded:
    """Each certificate file once; relative names begin at the configuration's or else `folder`."""
    search = _Search(configuration, configuration.folder or folder)
    for certificate in configuration.certificates:
        if certificate.is_list:
            search.follow_list(certificate)
        else:
            search.add(certificate.name, (), certificate.addresses)
    notes = tuple(dict.fromkeys(search.notes))
    return Loaded(tuple(search.files.values()), notes, search.lists.authors)


class _Search:
    def __init__(self, configuration: Configuration, folder: Path | None) -> None:
        self._configuration = configuration
        self._folder = folder
        self.files: dict[str, LoadedFile] = {}
        self.notes: list[str] = []
        self.lists = ConfigurationFiles()

    def follow_list(self, certificate: Certificate) -> None:
        path = self._path(certificate.name)
        if path is None:
            return
        try:
            text = self.lists.read(path, 0)
        except MachineError as failure:
            self.notes.append(failure.message)
            return
        for name, names in _list_entries(text):
            self.add(name, names, certificate.addresses)

    def add(self, name: str, names: tuple[str, ...], addresses: tuple[Address, ...]) -> None:
        if name.startswith("@"):
            self.notes.append(f"{name} stands in a crt-store, which is not followed.")
            return
        base = self._configuration.crt_base
        known = f"{base}/{name}" if base and not name.startswith("/") else name
        path = self._path(known)
        if path is None:
            return
        for one in self._each(known, path):
            if len(self.files) < _MOST_FILES:
                self._add_file(one, names, addresses)

    def _each(self, name: str, path: Path) -> Iterable[str]:
        try:
            if path.is_dir():
                start = name.rstrip("/")
                files = sorted(filter(_is_loaded, path.iterdir()))
                return [f"{start}/{file.name}" for file in files]
            if not path.exists():
                return [name + end for end in _BUNDLED if Path(f"{path}{end}").exists()] or [name]
        except OSError as error:
            self.notes.append(f"{path} cannot be looked into: {error.strerror}.")
            return ()
        return (name,)

    def _add_file(self, name: str, names: tuple[str, ...], addresses: tuple[Address, ...]) -> None:
        path = self._path(name)
        if path is None:
            return
        former = self.files.get(name)
        if former is not None:
            names = tuple(dict.fromkeys((*former.names, *names)))
            addresses = tuple(dict.fromkeys((*former.addresses, *addresses)))
        key, notes = self._key(path), tuple(_notes(path))
        self.files[name] = LoadedFile(name, path, key, names, addresses, notes)

    def _path(self, name: str) -> Path | None:
        if not name.isprintable():
            self.notes.append("A file's name that cannot be printed is not followed.")
            return None
        if Path(name).is_absolute():
            return Path(name)
        if self._folder is None:
            self.notes.append(
                f"{name} begins at the folder that HAProxy was started in, which is not known; "
                "set crt-base or default-path, or write the whole path."
            )
            return None
        return self._folder / name

    def _key(self, path: Path) -> Path:
        """HAProxy looks into a file of its own only where the first holds no key."""
        settings = self._configuration
        if not settings.loads_keys or _holds_a_key(path):
            return path
        drops = settings.drops_ending and path.suffix == ".crt"
        apart = path.with_suffix(".key") if drops else Path(f"{path}.key")
        return apart if _is_there(apart) else path


def _list_entries(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Files of a crt-list and the names each is served for, those with "!" left out."""
    for line in text.splitlines():
        found = _LIST_LINE.match(line.strip())
        if found and not found[1].startswith("#"):
            yield found[1], tuple(name for name in found[2].split() if name[0] != "!")


def _is_loaded(file: Path) -> bool:
    return not file.name.startswith(".") and file.suffix not in _NOT_LOADED and file.is_file()


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _holds_a_key(path: Path) -> bool:
    try:
        return b"PRIVATE KEY-----" in read_file(path)
    except MachineError:
        return False


def _notes(path: Path) -> Iterator[str]:
    for ending in _BELONGS_TO_ONE:
        if _is_there(Path(f"{path}{ending}")):
            yield (
                f"{path}{ending} belongs to the certificate that is there now; renew or remove it "
                "together with the certificate, as HAProxy may refuse it beside another one."
            )
