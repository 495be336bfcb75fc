"""The files of a configuration: read as text, found by patterns, so many and no more."""

import glob
import os
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from pathlib import Path
from typing import TypeVar

from ...failures import FailureCode, MachineError
from ..service_files.authors import read_written

_MOST_FILES = 5000
_MOST_BYTES = 64 * 1024 * 1024
_DEEPEST = 24
"""Files that include each other, one in the other: generous for honest configurations."""


class ConfigurationFiles:
    """Reads one configuration; raises TOO_LARGE where it has no end.

    `authors` are the accounts that could have written what was read so far, root apart.
    """

    def __init__(self) -> None:
        self.authors: AbstractSet[int] = frozenset()
        self._files = 0
        self._bytes = 0

    def read(self, path: Path, depth: int) -> str:
        """The text of a file that stands `depth` includes below the first one."""
        self._files += 1
        if depth > _DEEPEST or self._files > _MOST_FILES:
            raise _endless(path)
        written = read_written(path)
        content = written.content
        self.authors |= written.authors
        self._bytes += len(content)
        if self._bytes > _MOST_BYTES:
            raise _endless(path)
        return content.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def is_folder(path: Path) -> bool:
    """False also where that may not be known."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_there(path: Path) -> bool:
    """False also where that may not be known."""
    try:
        return path.exists()
    except OSError:
        return False


def is_pattern(path: str) -> bool:
    """Whether it stands for several files."""
    return any(letter in path for letter in "*?[")


def matching(pattern: str) -> Sequence[Path]:
    """The files that fit a pattern, in the order that glob(3) gives them; raises TOO_LARGE."""
    found = glob.iglob(pattern)  # noqa: PTH207 - no folder to begin at
    return [Path(path) for path in _few(found, Path(pattern))]


def files_below(folder: Path) -> Sequence[Path]:
    """All files in a folder and in those in it, each folder in its place; raises TOO_LARGE."""
    found = (Path(below, name) for below, _, names in os.walk(folder) for name in names)
    return _few(found, folder)


def malformed(path: Path, line: int, what: str, program: str) -> MachineError:
    """A configuration that its program would not take either."""
    return MachineError(
        FailureCode.INVALID_INPUT,
        f"{path}, line {line}: {what}.",
        f"Mend the configuration until {program} takes it, then try again.",
    )


_Path = TypeVar("_Path", str, Path)


def _few(found: Iterable[_Path], place: Path) -> list[_Path]:
    some = sorted(islice(found, _MOST_FILES + 1))
    if len(some) > _MOST_FILES:
        raise _endless(place)
    return some


def _endless(path: Path) -> MachineError:
    return MachineError(
        FailureCode.TOO_LARGE,
        f"The configuration has no end at {path}: too many files, or one that includes itself.",
        "Look which file includes which, and take out what leads back.",
    )
