"""Files that are whole or not there at all, and closed from their first byte."""

import errno
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .open_folders import OpenFolder, open_folder
from .unfinished_files import begin_file, clear_left_overs

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


class NotGivenAwayError(PermissionError):
    """A file may not be given to `owner`, whose the former was (chown(2), EPERM)."""

    def __init__(self, owner: tuple[int, int]) -> None:
        super().__init__(errno.EPERM, os.strerror(errno.EPERM))
        self.owner = owner


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
    that raises, and leaves what had that name. What was left of earlier tries goes.
    """
    clear_left_overs(folder, name, _owners(access))
    descriptor, unfinished = begin_file(folder, name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _set_access(descriptor, access)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
            if os.name != "posix":  # Windows renames nothing that is open
                file.close()
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


def _owners(access: Access) -> frozenset[int]:
    """Whose a file is while it is written, before and after it was given away."""
    if os.name != "posix":
        return frozenset()
    given = {access.owner[0]} if access.owner is not None else set[int]()
    return frozenset({os.geteuid()} | given)


def _set_access(descriptor: int, access: Access) -> None:
    if os.name != "posix":
        return
    if access.owner is not None and access.owner != (os.geteuid(), os.getegid()):
        try:
            os.fchown(descriptor, *access.owner)
        except PermissionError:
            raise NotGivenAwayError(access.owner) from None
    _drop_access_list(descriptor)
    os.fchmod(descriptor, access.mode)
    if access.access_list and sys.platform == "linux":
        os.setxattr(descriptor, _ACCESS_LIST, access.access_list)


def _drop_access_list(descriptor: int) -> None:
    """A folder may give one to what is made in it, and let in others than the mode says."""
    if sys.platform != "linux":
        return
    try:
        os.removexattr(descriptor, _ACCESS_LIST)
    except OSError as error:
        if error.errno not in (errno.ENODATA, errno.ENOTSUP):
            raise
