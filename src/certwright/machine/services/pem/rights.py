"""What this account may not do with files that it is to replace, and what others may."""

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from ..service_files.finding import called, called_group, is_root


def lacking_rights(files: Iterable[Path]) -> str:
    """One sentence on all that is lacking, "" where nothing is; changes and opens nothing.

    To replace a file takes reading it, as it is kept beside, writing in its folder, and giving the
    new one the owner and the group of the former (chown(2): only one's own account and groups).
    """
    if sys.platform == "win32" or is_root():
        return ""
    paths = tuple(dict.fromkeys(Path(os.path.realpath(file)) for file in files))
    owners = {path: owner for path in paths if (owner := _owner(path)) is not None}
    hidden = [path for path in paths if _is_hidden(path)]
    unreadable = [path for path in owners if not _may(path, os.R_OK)]
    folders = [
        folder
        for folder in dict.fromkeys(path.parent for path in paths)
        if not _may(folder, os.W_OK | os.X_OK)
    ]
    kept = [f"{path} ({_called(*owners[path])})" for path in owners if not _is_ours(*owners[path])]
    lacking = [
        *_lacking("read", map(str, (*hidden, *unreadable))),
        *_lacking("write in the folder", map(str, folders)),
        *_lacking("keep the owner and group of", kept),
    ]
    if not lacking:
        return ""
    return (
        f"When this was looked at, the account that Certwright runs as ({called(os.geteuid())}) "
        f"could not replace its files, so activating would fail: it could not "
        f"{'; nor '.join(lacking)}. docs/services.md tells which rights it needs."
    )


def open_to_others(keys: Iterable[Path]) -> str:
    """One sentence on the folders of private keys in which others may write, "" for none.

    Whoever may can put a file of their own in the place of a key, and the next one keeps the owner
    and the mode of that. Not counted are a folder with the sticky bit, and a group of ours.
    """
    if sys.platform == "win32":
        return ""
    folders = dict.fromkeys(Path(os.path.realpath(key)).parent for key in keys)
    open_folders = [str(folder) for folder in folders if _is_open(folder)]
    if not open_folders:
        return ""
    named = " ".join(open_folders)
    return (
        f"Others may write where a private key lies, so they can have the next one written for "
        f"themselves. Take that right away: chmod go-w {named}"
    )


def _is_open(folder: Path) -> bool:
    try:
        status = folder.stat()
    except OSError:
        return False
    if status.st_mode & stat.S_ISVTX:
        return False
    by_group = status.st_mode & stat.S_IWGRP and not _is_our_group(status.st_gid)
    return bool(by_group or status.st_mode & stat.S_IWOTH)


def _lacking(verb: str, things: Iterable[str]) -> list[str]:
    named = ", ".join(things)
    return [f"{verb} {named}"] if named else []


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _owner(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_uid, status.st_gid


def _is_hidden(path: Path) -> bool:
    """Whether a folder that cannot be entered keeps even from seeing if it is there."""
    try:
        path.stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _is_ours(user: int, group: int) -> bool:
    if sys.platform == "win32":
        return True
    return user == os.geteuid() and _is_our_group(group)


def _is_our_group(group: int) -> bool:
    if sys.platform == "win32":
        return True
    return group in {os.getegid(), *os.getgroups()}


def _called(user: int, group: int) -> str:
    return f"{called(user)}:{called_group(group)}"
