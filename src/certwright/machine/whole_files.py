"""Files that are whole or not there at all, and closed from their first byte."""

import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .open_folders import OpenFolder, open_folder

UNFINISHED = ".unfinished"
"""How the name of a file ends while it is being written; a killed process leaves it behind."""
_ACCESS_LIST = "system.posix_acl_access"


@dataclass(frozen=True)
class Access:
    """Who may do what with a file.

    `owner` is the numbers of user and group that are to own it, None for those of this process.
    `access_list` is what `access_list_of` says of another file, for Linux.
    """

    mode: int = 0o600
    owner: tuple[int, int] | None = None
    access_list: bytes = b""


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write `content` beside `path`, bring it to the disk, and rename it into place.

    Raises OSError, and leaves what was at `path`.
    """
    with open_folder(path.parent) as folder:
        write_whole_in(folder, path.name, content, Access(mode))


def write_whole_in(
    folder: OpenFolder,
    name: str,
    content: bytes,
    access: Access,
    last_look: Callable[[], None] = lambda: None,
) -> None:
    """As `write_whole`, in a folder that is open already.

    `last_look` is called right before the renaming, and may raise. Raises OSError and whatever
    that raises, and leaves what had that name.
    """
    unfinished = f".{name}.{secrets.token_hex(4)}{UNFINISHED}"
    descriptor = folder.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _set_access(descriptor, access)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        last_look()
        folder.rename(unfinished, name)
    except BaseException:
        folder.remove(unfinished)
        raise
    folder.sync()


def access_list_of(descriptor: int) -> bytes:
    """The POSIX access list that a file has besides its mode (acl(5)), b"" for none."""
    if sys.platform != "linux":
        return b""
    try:
        return os.getxattr(descriptor, _ACCESS_LIST)
    except OSError:  # none, or a file system that has no such thing
        return b""


def _set_access(descriptor: int, access: Access) -> None:
    if os.name != "posix":
        return
    if access.owner is not None and access.owner != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, *access.owner)
    os.fchmod(descriptor, access.mode)
    if access.access_list and sys.platform == "linux":
        os.setxattr(descriptor, _ACCESS_LIST, access.access_list)
