"""A folder that is opened once, and stays the same one whatever becomes of its name.

An account that may write a folder can put a link to another one in the place of a folder in it
between two steps upon a path. So each step goes by the folder's descriptor (openat(2)). Where the
system is not Linux there is none, and each step takes the path anew.
"""

import os
import sys
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

_MOST_NAMES = 100_000
_ALWAYS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class OpenFolder:
    """Files of one folder by their names; a name that is a link is not followed."""

    def __init__(self, path: Path, descriptor: int | None) -> None:
        """`descriptor` is closed with it, and may be one of O_PATH (open(2))."""
        self.path = path
        self._descriptor = descriptor

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    @property
    def own_status(self) -> os.stat_result:
        """Of the folder itself; raises OSError."""
        return self.path.stat() if self._descriptor is None else os.fstat(self._descriptor)

    def open(self, name: str, flags: int) -> int:
        """A descriptor of a file, made with mode 0600 if O_CREAT says so; raises OSError."""
        return os.open(self._place(name), flags | _ALWAYS, 0o600, dir_fd=self._descriptor)

    def names(self) -> list[str]:
        """What it holds, as far as that is looked at; raises OSError."""
        if self._descriptor is None:
            return _names_in(self.path)
        descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=self._descriptor)
        try:
            return _names_in(descriptor)
        finally:
            os.close(descriptor)

    def has(self, name: str) -> bool:
        """Whether anything has that name, be it a link; raises OSError."""
        try:
            os.stat(self._place(name), dir_fd=self._descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def rename(self, name: str, to: str) -> None:
        """Within the folder, in the place of what is called so; raises OSError."""
        os.replace(
            self._place(name),
            self._place(to),
            src_dir_fd=self._descriptor,
            dst_dir_fd=self._descriptor,
        )

    def remove(self, name: str) -> None:
        """No file of that name is left; raises OSError."""
        try:
            os.unlink(self._place(name), dir_fd=self._descriptor)
        except FileNotFoundError:
            return

    def sync(self) -> None:
        """Bring its names to the disk; raises OSError."""
        if os.name != "posix":  # Windows opens no folders, and keeps its own journal of names
            return
        descriptor = os.open(self._place("."), os.O_RDONLY, dir_fd=self._descriptor)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _place(self, name: str) -> str:
        return str(self.path / name) if self._descriptor is None else name


def _names_in(folder: Path | int) -> list[str]:
    with os.scandir(folder) as found:
        return [one.name for one in islice(found, _MOST_NAMES)]


def open_folder(path: Path) -> OpenFolder:
    """The folder that a path leads to, by whatever links; raises OSError."""
    if sys.platform != "linux":
        return OpenFolder(path, None)
    return OpenFolder(path, os.open(path, os.O_PATH | os.O_DIRECTORY))
