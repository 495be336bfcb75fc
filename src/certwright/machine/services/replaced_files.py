"""Files of others that are replaced in one step, the former content kept beside them.

While a switch is under way, the former content stands in `.NAME.certwright-former`; once it is
confirmed, that file is called `.NAME.certwright-previous`. So the disk itself tells what to go back
to, whoever was killed meanwhile. The names begin with a dot, as HAProxy loads everything else that
lies in a folder of certificates.
"""

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping
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
    return bool(replace_files({path: content}, mode))


def replace_files(contents: Mapping[Path, bytes], mode: int = 0o600) -> tuple[Path, ...]:
    """As `replace_file` for files that belong together; returns those that hold something else.

    If one of them changes, what was in each is kept, so that all kept files are of one age. Where
    one cannot be written, all are put back to what was activated last.
    """
    found = {_resolved(path): content for path, content in contents.items()}
    changed = tuple(path for path, content in found.items() if not _holds(path, content))
    if not changed:
        return ()
    try:
        for path in found:
            _keep(path)
        for path in changed:
            _write(path, found[path], mode)
    except MachineError:
        for path in found:
            with contextlib.suppress(MachineError):
                put_back(path)
        raise
    return changed


def put_back(path: Path) -> bool:
    """Undo `replace_file`; False where nothing is kept, so nothing was replaced."""
    path = _resolved(path)
    kept = _beside(path, FORMER)
    with _writing(path):
        if not kept.exists():
            return False
        kept.replace(path)
    return True


def keep_as_previous(path: Path) -> None:
    """What was kept of `path` becomes the previous content: the switch is over."""
    path = _resolved(path)
    with _writing(path), contextlib.suppress(FileNotFoundError):
        _beside(path, FORMER).replace(_beside(path, PREVIOUS))


def _holds(path: Path, content: bytes) -> bool:
    with _writing(path):
        if not path.exists():
            return False
    return read_file(path) == content


def _keep(path: Path) -> None:
    kept = _beside(path, FORMER)
    with _writing(path):
        if kept.exists() or not path.exists():  # a kept one is what was activated last: it stays
            return
        _copy_access(kept, path.read_bytes(), path.stat())


def _write(path: Path, content: bytes, mode: int) -> None:
    with _writing(path):
        like = path.stat() if path.exists() else _of_folder(path, mode)
        _copy_access(path, content, like)
        _read_back(path, content, like)


def _read_back(path: Path, content: bytes, like: os.stat_result) -> None:
    if read_file(path) == content and _access(path.stat()) == _access(like):
        return
    raise MachineError(
        FailureCode.STORE_FAILED,
        f"{path} was written, but has another content, owner or mode than it was given.",
        "See whether another program writes the same file, then try again.",
    )


def _access(status: os.stat_result) -> tuple[int, int, int] | None:
    if os.name != "posix":
        return None
    return status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)


def _copy_access(path: Path, content: bytes, like: os.stat_result) -> None:
    write_whole(path, content, stat.S_IMODE(like.st_mode), owner=(like.st_uid, like.st_gid))


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(path, error) from None


def _of_folder(path: Path, mode: int) -> os.stat_result:
    folder = path.parent.stat()
    values = list(folder)
    values[stat.ST_MODE] = mode
    return os.stat_result(values)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f".{path.name}{ending}")


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
