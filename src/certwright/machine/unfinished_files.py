"""A file under the name that it has while it is written, and what killed processes left of such.

Whoever writes one holds its lock (flock(2)), which ends with the process. So one whose lock is to
be had is nobody's any more, and goes when the same file is written next. Windows lets no file be
removed that is open, which tells the same.
"""

import errno
import os
import re
import secrets
import stat
import sys
from collections.abc import Set as AbstractSet
from contextlib import suppress

from .open_folders import OpenFolder

UNFINISHED = ".unfinished"
"""How the name of a file ends while it is being written; a killed process leaves it behind."""
_CHANCE_BYTES = 4
_MOST_TRIES = 5


def begin_file(folder: OpenFolder, name: str) -> tuple[int, str]:
    """A descriptor of a new file (0600) to become `name`, and its name until then.

    It is locked until it is closed. Raises OSError.
    """
    for _ in range(_MOST_TRIES):
        unfinished = f".{name}.{secrets.token_hex(_CHANCE_BYTES)}{UNFINISHED}"
        descriptor = folder.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            if _hold(descriptor):
                return descriptor, unfinished
        except BaseException:
            os.close(descriptor)
            folder.remove(unfinished)
            raise
        os.close(descriptor)  # it was taken for a left-over before it was locked
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def clear_left_overs(folder: OpenFolder, name: str, owners: AbstractSet[int]) -> None:
    """Remove what processes that were killed while they wrote `name` have left in `folder`.

    Only files that belong to one of `owners`. What cannot be looked at or removed stays.
    """
    of_name = re.compile(
        rf"\.{re.escape(name)}\.[0-9a-f]{{{2 * _CHANCE_BYTES}}}{re.escape(UNFINISHED)}"
    )
    with suppress(OSError):
        for left_over in filter(of_name.fullmatch, folder.names()):
            with suppress(OSError):
                _clear(folder, left_over, owners)


def _clear(folder: OpenFolder, left_over: str, owners: AbstractSet[int]) -> None:
    if sys.platform == "win32":
        folder.remove(left_over)
        return
    import fcntl

    descriptor = folder.open(left_over, os.O_RDONLY | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_uid in owners:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            folder.remove(left_over)
    finally:
        os.close(descriptor)


def _hold(descriptor: int) -> bool:
    """Lock it; False where it was removed before that."""
    if sys.platform == "win32":
        return True
    import fcntl

    with suppress(OSError):  # a file system without locks, where none is taken for a left-over
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return os.fstat(descriptor).st_nlink > 0
