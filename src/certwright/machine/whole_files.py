"""Files that are whole or not there at all, and closed from their first byte."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

UNFINISHED = ".unfinished"
"""How the name of a file ends while it is being written; a killed process leaves it behind."""
_ACCESS_LIST = "system.posix_acl_access"


def write_whole(
    path: Path,
    content: bytes,
    mode: int = 0o600,
    owner: tuple[int, int] | None = None,
    last_look: Callable[[], None] = lambda: None,
    access_list: bytes = b"",
) -> None:
    """Write `content` beside `path`, bring it to the disk, and rename it into place.

    `owner` is the numbers of user and group that are to own it, None for those of this process.
    `access_list` is what `access_list_of` says of another file, for Linux.
    `last_look` is called right before the renaming, and may raise. Raises OSError and whatever
    that raises, and leaves what was at `path`.
    """
    descriptor, unfinished = tempfile.mkstemp(
        dir=path.parent, prefix=f".{path.name}.", suffix=UNFINISHED
    )
    try:
        with os.fdopen(descriptor, "wb") as file:
            _set_access(descriptor, mode, owner)
            if access_list and sys.platform == "linux":
                os.setxattr(descriptor, _ACCESS_LIST, access_list)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        last_look()
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def access_list_of(path: Path) -> bytes:
    """The POSIX access list that a file has besides its mode (acl(5)), b"" for none."""
    if sys.platform != "linux":
        return b""
    try:
        return os.getxattr(path, _ACCESS_LIST)
    except OSError:  # none, or a file system that has no such thing
        return b""


def _set_access(descriptor: int, mode: int, owner: tuple[int, int] | None) -> None:
    if os.name != "posix":
        return
    if owner is not None and owner != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, *owner)
    os.fchmod(descriptor, mode)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # Windows opens no folders, and keeps its own journal of names
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
