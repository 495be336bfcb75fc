"""Why a file cannot be read or written, and what to do about it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...failures import FailureCode, MachineError
from ...whole_files import NotGivenAwayError
from .finding import called, called_group
from .held_files import is_held

_LET_WRITE = "Let the account that Certwright runs as write the file and its folder"
_REMEDIES = {
    errno.ENOSPC: "Make room on its file system",
    errno.EDQUOT: "Make room in the quota of its owner",
    errno.EROFS: "Mount its file system so that it can be written to",
    errno.EPERM: f"{_LET_WRITE}; root may unless they are marked as immutable (lsattr tells)",
}


def unreadable(path: Path, error: OSError) -> MachineError:
    """What to raise in the place of `error`: NOT_FOUND, BUSY or NOT_PERMITTED."""
    if isinstance(error, FileNotFoundError):
        return MachineError(
            FailureCode.NOT_FOUND, f"{path} is not there.", "Name the right place of it."
        )
    if is_held(path):
        return _held(path)
    return MachineError(
        FailureCode.NOT_PERMITTED,
        f"{path} cannot be read: {error.strerror}.",
        "Let the account that Certwright runs as read it, then try again.",
    )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raises BUSY, NOT_PERMITTED or STORE_FAILED in the place of an OSError."""
    try:
        yield
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> MachineError:
    if is_held(path):
        return _held(path)
    if isinstance(error, NotGivenAwayError):
        return _not_given_away(path, *error.owner)
    code = (
        FailureCode.NOT_PERMITTED
        if isinstance(error, PermissionError)
        else FailureCode.STORE_FAILED
    )
    return MachineError(
        code,
        f"{path} cannot be written: {error.strerror}. What was there before is still there.",
        f"{_REMEDIES.get(error.errno or 0, _LET_WRITE)}, then try again.",
    )


def _not_given_away(path: Path, user: int, group: int) -> MachineError:
    return MachineError(
        FailureCode.NOT_PERMITTED,
        f"{path} cannot be replaced: only root may give the new file to "
        f"{called(user)}:{called_group(group)}, whose it is. What was there before is still there.",
        "Let the account that Certwright runs as own it, with a group that the account is in "
        "(chown), or run the node as root, then try again.",
    )


def _held(path: Path) -> MachineError:
    return MachineError(
        FailureCode.BUSY,
        f"{path} is held open by another program. It is as it was before.",
        "Close the editor or window that has it open, or wait for a virus scanner, then try again.",
    )
