"""Files of others that are replaced in one step, the former content kept beside them.

While a switch is under way, the former content stands in `.NAME.certwright-former`; once it is
confirmed, that file is called `.NAME.certwright-previous`. So the disk itself tells what to go back
to, whoever was killed meanwhile. The names begin with a dot, as HAProxy loads everything else that
lies in a folder of certificates.
"""

import contextlib
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from ...failures import FailureCode, MachineError
from ...whole_files import access_list_of, write_whole
from .reading import read_file
from .refusals import writing

FORMER = ".certwright-former"
PREVIOUS = ".certwright-previous"


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


def exchange_file(path: Path, content: bytes, expected: bytes) -> bool:
    """As `replace_file` for a file that others write too; False if `expected` is the same.

    `expected` is what it must hold up to the last moment. Raises CHANGED_MEANWHILE if it does
    not, BUSY, NOT_PERMITTED or STORE_FAILED; file and kept content are as they were then.
    """
    path = _resolved(path)
    if content == expected:
        return False
    was_kept = former_content(path) is not None
    try:
        _keep(path)
        _write(path, content, 0, expected)
    except MachineError as error:
        if not was_kept and (_is_change(error) or _holds(path, expected)):
            keep_nothing(path)
        raise
    return True


def require_writable(path: Path) -> None:
    """Raises BUSY or NOT_PERMITTED where it is in use or marked as read-only."""
    with writing(path):
        if not path.stat().st_mode & stat.S_IWUSR:
            raise MachineError(
                FailureCode.NOT_PERMITTED,
                f"{path} is marked as read-only, and stays as it is.",
                "See who marked it and why, take the mark off, then try again.",
            )
        with path.open("r+b"):
            pass


def former_content(path: Path) -> bytes | None:
    """What is kept of `path` while a switch is under way, None where nothing is."""
    kept = _beside(_resolved(path), FORMER)
    return read_file(kept) if kept.exists() else None


def keep_instead(path: Path, content: bytes) -> None:
    """Let `content` be what is kept of `path`, where something is kept already."""
    kept = _beside(_resolved(path), FORMER)
    with writing(kept):
        _copy_access(kept, content, kept.stat(), access_list_of(kept))


def keep_nothing(path: Path) -> None:
    """What is kept of `path` is of no use any more."""
    kept = _beside(_resolved(path), FORMER)
    with writing(kept):
        kept.unlink(missing_ok=True)


def set_aside(path: Path) -> bool:
    """Remove `path` and keep it as the former content; False where neither is there.

    Of a switch under way, the content that was activated last stays what is kept.
    """
    path = _resolved(path)
    kept = _beside(path, FORMER)
    with writing(path):
        if not path.exists():
            return kept.exists()
        if kept.exists():
            path.unlink()
        else:
            path.rename(kept)
    return True


def put_back(path: Path) -> bool:
    """Undo `replace_file`; False where nothing is kept, or just what is there."""
    path = _resolved(path)
    kept = _beside(path, FORMER)
    with writing(path):
        if not kept.exists():
            return False
        if _holds(path, read_file(kept)):
            kept.unlink()
            return False
        kept.replace(path)
    return True


def keep_as_previous(path: Path) -> None:
    """What was kept of `path` becomes the previous content: the switch is over."""
    path = _resolved(path)
    with writing(path), contextlib.suppress(FileNotFoundError):
        _beside(path, FORMER).replace(_beside(path, PREVIOUS))


def _holds(path: Path, content: bytes) -> bool:
    with writing(path):
        if not path.exists():
            return False
    return read_file(path) == content


def _keep(path: Path) -> None:
    kept = _beside(path, FORMER)
    with writing(path):
        if kept.exists() or not path.exists():  # a kept one is what was activated last: it stays
            return
        _copy_access(kept, path.read_bytes(), path.stat(), access_list_of(path))


def _write(path: Path, content: bytes, mode: int, expected: bytes | None = None) -> None:
    def look() -> None:
        if expected is not None and read_file(path) != expected:
            raise MachineError(
                FailureCode.CHANGED_MEANWHILE,
                f"{path} was changed by somebody else meanwhile, and is left as it is now.",
                "Close other windows that change these settings, then try again.",
            )

    with writing(path):
        like = path.stat() if path.exists() else _of_folder(path, mode)
        _copy_access(path, content, like, access_list_of(path), look)
        _read_back(path, content, like)


def _is_change(error: MachineError) -> bool:
    return error.code is FailureCode.CHANGED_MEANWHILE


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


def _copy_access(
    path: Path,
    content: bytes,
    like: os.stat_result,
    access_list: bytes,
    last_look: Callable[[], None] = lambda: None,
) -> None:
    owner = (like.st_uid, like.st_gid)
    write_whole(path, content, stat.S_IMODE(like.st_mode), owner, last_look, access_list)


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
