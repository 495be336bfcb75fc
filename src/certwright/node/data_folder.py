"""The folder with everything a node keeps: made closed, used by one node at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certwright.errors import CertwrightError, ErrorCode

CONFIGURATION_FILE = "certwright.toml"
_LOCK = "node.lock"
_KEYS = frozenset({"key-encryption.key", "key-encryption.salt", "service-seal.key", "node-name"})
"""What somebody brings for a node that shares a database, or restores from a backup."""
_HARMLESS = frozenset({CONFIGURATION_FILE, "lost+found"}) | _KEYS
"""What may lie in a new folder: settings, keys, and what a file system of its own begins with."""


@contextmanager
def data_folder(folder: Path) -> Iterator[Path]:
    """Make `folder` (0700) if it is not there, and hold its lock.

    The lock is the operating system's: it ends with the process, however that ends.
    Raises DATA_FOLDER_UNUSABLE and DATA_FOLDER_IN_USE.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_foreign(folder)
        folder.chmod(0o700)
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CertwrightError(
            ErrorCode.DATA_FOLDER_UNUSABLE,
            f"The data folder {folder} cannot be used: {error.strerror}.",
            "Give one that this account can write to, with --data.",
        ) from error
    try:
        _lock(descriptor, folder)
        yield folder
    finally:
        os.close(descriptor)


def log_folder(data: Path) -> Path:
    """Where the programs of a node write their logs."""
    return data / "log"


def _refuse_foreign(folder: Path) -> None:
    if folder.stat().st_uid != os.geteuid():
        # Its owner could have laid a key of his own there, or links to where root would write.
        raise CertwrightError(
            ErrorCode.DATA_FOLDER_UNUSABLE,
            f"The folder {folder} belongs to another account.",
            "Run certwright as its owner, or give another folder with --data.",
        )
    # Closing somebody's home or /tmp to everybody else would do harm.
    content = {entry.name for entry in folder.iterdir()}
    if _LOCK in content:
        return
    if content - _HARMLESS:
        raise CertwrightError(
            ErrorCode.DATA_FOLDER_UNUSABLE,
            f"The folder {folder} holds other files and was not made by certwright.",
            "Give an empty or new folder with --data.",
        )
    for name in content & _KEYS:
        if (folder / name).lstat().st_uid != os.geteuid():
            raise CertwrightError(
                ErrorCode.DATA_FOLDER_UNUSABLE,
                f"The file {folder / name} belongs to another account, which may know it.",
                f"If it is the right one: chown {os.geteuid()} {folder / name}",
            )


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
        raise CertwrightError(
            ErrorCode.DATA_FOLDER_IN_USE,
            f"Another node (process {holder}) is running with the data folder {folder}.",
            f"Stop it (kill {holder}), or give this node a folder of its own with --data.",
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
