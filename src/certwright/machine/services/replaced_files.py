"""Files of others that are replaced in one step, the former content kept beside them.

While a switch is under way, the former content stands in `NAME.certwright-former`; once it is
confirmed, that file is called `NAME.certwright-previous`. So the disk itself tells what to go back
to, whoever was killed meanwhile.
"""

import contextlib
import os
import stat
from pathlib import Path

from ..failures import FailureCode, MachineError
from ..whole_files import write_whole

FORMER = ".certwright-former"
PREVIOUS = ".certwright-previous"
_LARGEST = 16 * 1024 * 1024
"""Bytes; certificates, keys and settings are far smaller."""


def read_file(path: Path) -> bytes:
    """The content of a file of a service; raises NOT_FOUND, NOT_PERMITTED, TOO_LARGE."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(content) > _LARGEST:
        raise MachineError(
            FailureCode.TOO_LARGE,
            f"{path} is larger than {_LARGEST // 1024 // 1024} MiB.",
            "Name the right file.",
        )
    return content


def replace_file(path: Path, content: bytes, mode: int = 0o600) -> bool:
    """Put `content` in the place of `path`, with owner and mode as before; False if it is there.

    A file that was not there gets `mode` and its folder's owner. A symbolic link stays, what it
    leads to is replaced. Raises NOT_PERMITTED or STORE_FAILED, and leaves the file as it was.
    """
    path = _resolved(path)
    try:
        former = path.stat() if path.exists() else None
        if former is not None and read_file(path) == content:
            return False
        if former is not None:
            _keep(path, former)
        _write(path, content, former or _of_folder(path, mode))
    except OSError as error:
        raise _unwritable(path, error) from None
    return True


def put_back(path: Path) -> bool:
    """Undo `replace_file`; False where nothing is kept, so nothing was replaced."""
    path = _resolved(path)
    kept = _beside(path, FORMER)
    try:
        if not kept.exists():
            return False
        kept.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from None
    return True


def keep_as_previous(path: Path) -> None:
    """What was kept of `path` becomes the previous content: the switch is over."""
    path = _resolved(path)
    with contextlib.suppress(FileNotFoundError):
        try:
            _beside(path, FORMER).replace(_beside(path, PREVIOUS))
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _unwritable(path, error) from None


def _keep(path: Path, former: os.stat_result) -> None:
    kept = _beside(path, FORMER)
    if not kept.exists():  # else it holds what was activated last, and stays
        _write(kept, path.read_bytes(), former)


def _write(path: Path, content: bytes, like: os.stat_result) -> None:
    write_whole(path, content, stat.S_IMODE(like.st_mode), owner=(like.st_uid, like.st_gid))


def _of_folder(path: Path, mode: int) -> os.stat_result:
    folder = path.parent.stat()
    values = list(folder)
    values[stat.ST_MODE] = mode
    return os.stat_result(values)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        raise MachineError(
            FailureCode.NOT_FOUND,
            f"{path} is a symbolic link that leads nowhere.",
            "Mend the link, then try again.",
        ) from None


def _unreadable(path: Path, error: OSError) -> MachineError:
    if isinstance(error, FileNotFoundError):
        return MachineError(
            FailureCode.NOT_FOUND, f"{path} is not there.", "Name the right place of it."
        )
    return MachineError(
        FailureCode.NOT_PERMITTED,
        f"{path} cannot be read: {error.strerror}.",
        "Let the account that Certwright runs as read it, then try again.",
    )


def _unwritable(path: Path, error: OSError) -> MachineError:
    code = (
        FailureCode.NOT_PERMITTED
        if isinstance(error, PermissionError)
        else FailureCode.STORE_FAILED
    )
    return MachineError(
        code,
        f"{path} cannot be written: {error.strerror}. What was there before is still there.",
        "Let the account that Certwright runs as write the file and its folder, and see that the "
        "file system is neither full nor read-only, then try again.",
    )
