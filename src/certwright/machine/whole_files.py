"""Files that are whole or not there at all, and closed from their first byte."""

import os
import tempfile
from pathlib import Path

UNFINISHED = ".unfinished"
"""How the name of a file ends while it is being written; a killed process leaves it behind."""


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write `content` beside `path`, bring it to the disk, and rename it into place.

    Raises OSError, and leaves what was at `path`.
    """
    descriptor, unfinished = tempfile.mkstemp(
        dir=path.parent, prefix=f"{path.name}.", suffix=UNFINISHED
    )
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
