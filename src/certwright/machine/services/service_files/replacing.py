"""Files of others that are replaced in one step, the former content kept beside them.

While a switch is under way, the former content stands in `.NAME.certwright-former`; once it is
confirmed, that file is called `.NAME.certwright-previous`. So the disk itself tells what to go back
to, whoever was killed meanwhile. The names begin with a dot, as HAProxy loads everything else that
lies in a folder of certificates.
"""

import contextlib
import os
import stat
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

from ...failures import FailureCode, MachineError
from ...whole_files import Access, write_whole_in
from .opened_files import OpenedFile, opened_file, opened_files
from .reading import FoundFile
from .refusals import writing

FORMER = ".certwright-former"
PREVIOUS = ".certwright-previous"
_PERMISSIONS = 0o777
"""A mode without what makes a program run as its owner: no file of a service has it."""


def replace_file(path: Path, content: bytes, mode: int = 0o600) -> bool:
    """Put `content` in the place of `path`, with owner and mode as before; False if it is there.

    A file that was not there gets `mode` and its folder's owner. A symbolic link stays, what it
    leads to is replaced. Raises NOT_PERMITTED or STORE_FAILED, and leaves the file as it was.
    """
    return bool(replace_files({path: content}, mode))


def replace_files(contents: Mapping[Path, bytes], mode: int = 0o600) -> tuple[Path, ...]:
    """As `replace_file` for files that belong together; returns those that hold something else.

    If one of them changes, what was in each is kept, so that all kept files are of one age. Where
    one cannot be written, all are put back to what was activated last, and new ones removed.
    """
    with opened_files(contents) as files:
        return replace_opened({files[path]: content for path, content in contents.items()}, mode)


def replace_opened(contents: Mapping[OpenedFile, bytes], mode: int = 0o600) -> tuple[Path, ...]:
    """As `replace_files`, for files that are open already."""
    contents = {file: contents[file] for file in {file.path: file for file in contents}.values()}
    changed = [file for file, content in contents.items() if not _holds(file.found, content)]
    if not changed:
        return ()
    try:
        for file in contents:
            _keep(file)
        for file in changed:
            _write(file, contents[file], mode)
    except MachineError:
        for file in contents:
            with contextlib.suppress(MachineError), writing(file.path):
                _take_back(file, contents[file])
        raise
    return tuple(file.path for file in changed)


def exchange_file(path: Path, content: bytes, expected: bytes) -> bool:
    """As `replace_file` for a file that others write too; False if `expected` is the same.

    `expected` is what it must hold up to the last moment. Raises CHANGED_MEANWHILE if it does
    not, BUSY, NOT_PERMITTED or STORE_FAILED; file and kept content are as they were then.
    """
    if content == expected:
        return False
    with writing(path), opened_file(path) as file:
        was_kept = file.folder.has(file.named(FORMER))
        try:
            _keep(file)
            _write(file, content, 0, expected)
        except MachineError as error:
            if not was_kept and (_is_change(error) or _holds(file.look(), expected)):
                file.folder.remove(file.named(FORMER))
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
    with contextlib.suppress(FileNotFoundError), opened_file(path) as file:
        kept = file.look(FORMER)
        return kept.content if kept else None
    return None


def keep_instead(path: Path, content: bytes) -> None:
    """Let `content` be what is kept of `path`, where something is kept already."""
    with writing(path), opened_file(path) as file:
        kept = file.look(FORMER)
        if kept is None:
            raise FileNotFoundError(2, os.strerror(2))
        write_whole_in(file.folder, file.named(FORMER), content, _access(kept))


def keep_nothing(path: Path) -> None:
    """What is kept of `path` is of no use any more."""
    with writing(path), opened_file(path) as file:
        file.folder.remove(file.named(FORMER))


def set_aside(path: Path) -> bool:
    """Remove `path` and keep it as the former content; False where neither is there.

    Of a switch under way, the content that was activated last stays what is kept.
    """
    with writing(path), contextlib.suppress(FileNotFoundError), opened_file(path) as file:
        folder, kept = file.folder, file.named(FORMER)
        if not folder.has(file.name):
            return folder.has(kept)
        if folder.has(kept):
            folder.remove(file.name)
        else:
            folder.rename(file.name, kept)
        return True
    return False


def put_back(path: Path, named_by: AbstractSet[int] = frozenset()) -> bool:
    """Undo `replace_file`; False where nothing is kept, or just what is there.

    `named_by` as for `opened_file`.
    """
    with writing(path), contextlib.suppress(FileNotFoundError), opened_file(path, named_by) as file:
        return _put_back(file)
    return False


def keep_as_previous(path: Path, named_by: AbstractSet[int] = frozenset()) -> None:
    """What was kept of `path` becomes the previous content: the switch is over."""
    with writing(path), contextlib.suppress(FileNotFoundError), opened_file(path, named_by) as file:
        file.folder.rename(file.named(FORMER), file.named(PREVIOUS))


def _put_back(file: OpenedFile) -> bool:
    kept = file.look(FORMER)
    if kept is None:
        return False
    if _holds(file.look(), kept.content):
        file.folder.remove(file.named(FORMER))
        return False
    file.folder.rename(file.named(FORMER), file.name)
    return True


def _take_back(file: OpenedFile, content: bytes) -> None:
    """Put back what was activated last, or nothing where nothing was."""
    if file.folder.has(file.named(FORMER)):
        _put_back(file)
    elif file.found is None and _holds(file.look(), content):
        file.folder.remove(file.name)


def _holds(found: FoundFile | None, content: bytes) -> bool:
    return found is not None and found.content == content


def _keep(file: OpenedFile) -> None:
    with writing(file.path):
        if file.found is None or file.folder.has(file.named(FORMER)):
            return  # a kept one is what was activated last: it stays
        write_whole_in(file.folder, file.named(FORMER), file.found.content, _access(file.found))


def _write(file: OpenedFile, content: bytes, mode: int, expected: bytes | None = None) -> None:
    def look() -> None:
        if expected is not None and not _holds(file.look(), expected):
            raise MachineError(
                FailureCode.CHANGED_MEANWHILE,
                f"{file.path} was changed by somebody else meanwhile, and is left as it is now.",
                "Close other windows that change these settings, then try again.",
            )

    with writing(file.path):
        access = _access(file.found) if file.found else _of_folder(file, mode)
        write_whole_in(file.folder, file.name, content, access, look)
        _read_back(file, content, access)


def _is_change(error: MachineError) -> bool:
    return error.code is FailureCode.CHANGED_MEANWHILE


def _read_back(file: OpenedFile, content: bytes, given: Access) -> None:
    found = file.look()
    if found is not None and found.content == content and _is_given(found, given):
        return
    raise MachineError(
        FailureCode.STORE_FAILED,
        f"{file.path} was written, but has another content, owner or mode than it was given.",
        "See whether another program writes the same file, then try again.",
    )


def _is_given(found: FoundFile, given: Access) -> bool:
    now = _access(found)
    return os.name != "posix" or (now.owner, now.mode) == (given.owner, given.mode)


def _access(found: FoundFile) -> Access:
    status = found.status
    mode = status.st_mode & _PERMISSIONS
    return Access(mode, (status.st_uid, status.st_gid), found.access_list)


def _of_folder(file: OpenedFile, mode: int) -> Access:
    status = file.folder.own_status
    return Access(mode, (status.st_uid, status.st_gid))
