"""Files with secrets: 0600 from their first byte, whole or not there at all."""

import os
from pathlib import Path


def write_private_file(path: Path, content: bytes) -> None:
    """Write `content` beside `path`, bring it to the disk, and rename it into place."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    unfinished.unlink(missing_ok=True)  # one left by a killed process keeps its mode otherwise
    try:
        _write(unfinished, content)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.rename(path)
    _sync_folder(path.parent)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
