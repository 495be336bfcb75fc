"""A folder in memory for what must not outlive the node: sockets, and the keys in use.

Private keys are encrypted wherever they are stored; Envoy needs them in the clear, so they are
handed over on a file system that never reaches a disk.
"""

import hashlib
import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from certwright.errors import CertwrightError, ErrorCode

_KINDS_IN_MEMORY = frozenset({"tmpfs", "ramfs"})


@dataclass(frozen=True)
class RuntimeFolder:
    """The folder and its three rooms, each closed to all but its user."""

    path: Path

    @property
    def database(self) -> Path:
        """For PostgreSQL's socket; belongs to PostgreSQL's account."""
        return self.path / "database"

    @property
    def front(self) -> Path:
        """For Envoy's configuration, secrets and administration socket."""
        return self.path / "front"

    @property
    def application_socket(self) -> Path:
        """Where the web application listens."""
        return self.path / "application" / "app.sock"

    def remove(self) -> None:
        """Take it away with everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)


def make_runtime_folder(data: Path, *, passable: bool) -> RuntimeFolder:
    """Make it anew for the node of `data`.

    `passable`: another account (PostgreSQL's) has to pass through to its own room.
    Raises DATA_FOLDER_UNUSABLE where there is no file system in memory.
    """
    identifier = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    path = _memory() / f"certwright-{os.geteuid()}-{identifier}"
    if path.is_symlink() or path.exists():
        _refuse_foreign(path)
        # The processes of a node killed a moment ago may be taking their sockets away themselves.
        shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700)
    path.chmod(0o711 if passable else 0o700)
    folder = RuntimeFolder(path)
    folder.front.mkdir(mode=0o700)
    folder.application_socket.parent.mkdir(mode=0o700)
    return folder


def _memory() -> Path:
    mounts = Path("/proc/mounts").read_text()
    candidates = [os.environ.get("RUNTIME_DIRECTORY"), os.environ.get("XDG_RUNTIME_DIR")]
    for candidate in (*candidates, "/run", "/dev/shm"):  # noqa: S108 - checked and made 0700
        if not candidate:
            continue
        folder = Path(candidate).resolve()
        is_usable = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
        if is_usable and is_in_memory(folder, mounts) and _only_we_can_rename_within(folder):
            return folder
    raise CertwrightError(
        ErrorCode.DATA_FOLDER_UNUSABLE,
        "There is no file system in memory (tmpfs) for the keys in use.",
        "Mount one, for example on /run or /dev/shm, or name one with XDG_RUNTIME_DIR.",
    )


def _only_we_can_rename_within(folder: Path) -> bool:
    """Else somebody could put another folder in the place of ours, and be given the keys.

    Such as the user whose XDG_RUNTIME_DIR sudo passed on.
    """
    status = folder.stat()
    if status.st_uid not in {0, os.geteuid()}:
        return False
    others_write = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return not others_write or bool(status.st_mode & stat.S_ISVTX)


def is_in_memory(folder: Path, mounts: str) -> bool:
    """Whether what is written to `folder` stays in memory; `mounts` as in /proc/mounts.

    The innermost mount counts, of several at one place the last: a disk may be mounted below a
    file system in memory, as in live systems.
    """
    lines = (line.split(" ") for line in mounts.splitlines())
    kinds = {Path(_unescaped(place)): kind for _, place, kind, *_ in lines}
    holder = next((place for place in (folder, *folder.parents) if place in kinds), None)
    return holder is not None and kinds[holder] in _KINDS_IN_MEMORY


def _unescaped(place: str) -> str:
    # proc(5): white space and backslashes stand there as octal numbers, such as \040.
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), place)


def _refuse_foreign(path: Path) -> None:
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise CertwrightError(
            ErrorCode.DATA_FOLDER_UNUSABLE,
            f"{path} belongs to somebody else.",
            "Remove it, or name another place in memory with XDG_RUNTIME_DIR.",
        )
