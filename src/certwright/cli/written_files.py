"""Files that a command writes: whole or not at all, and never over another one unasked."""

import os
import sys
import tempfile
from pathlib import Path

from certwright.errors import CertwrightError, ErrorCode

STANDARD_OUTPUT = Path("-")
_FOR_ALL = 0o644
_SECRET = 0o600


def refuse_unwritable(path: Path, *, is_secret: bool, force: bool) -> None:
    """Raise INVALID_INPUT for a place that nothing should be written to, before anything is made.

    A private key is not shown on a terminal, and no file is written over without `force`.
    """
    if path == STANDARD_OUTPUT:
        if is_secret and sys.stdout.isatty():
            raise CertwrightError(
                ErrorCode.INVALID_INPUT,
                "A private key is not shown on the screen.",
                "Name a file with --out, or send the output into a program.",
            )
        return
    if os.path.lexists(path) and not force:
        raise _is_there(path)


def write_file(path: Path, content: bytes, *, is_secret: bool, force: bool) -> None:
    """Write `content` to a file (0600 if it is a secret), or to standard output for `-`.

    Raises INVALID_INPUT, and leaves what was there.
    """
    if path == STANDARD_OUTPUT:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        _write_beside(path, content, _SECRET if is_secret else _FOR_ALL, force=force)
    except FileExistsError:
        raise _is_there(path) from None
    except OSError as error:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {path} cannot be written: {error.strerror}.",
            "Name a file in a folder where you may write.",
        ) from None


def _write_beside(path: Path, content: bytes, mode: int, *, force: bool) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        if force:
            unfinished.replace(path)
        else:
            path.hardlink_to(unfinished)  # unlike a renaming, it never takes another's place
    finally:
        unfinished.unlink(missing_ok=True)


def _is_there(path: Path) -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        f"The file {path} is there already.",
        "Name another one, or write over it with --force.",
    )
