"""Reading a file that the user names, which may be anything: a device, a pipe that stays empty."""

import errno
import os
import select
from io import FileIO
from pathlib import Path

from certwright.errors import CertwrightError, ErrorCode

_PIPE_SECONDS = 10.0
_CHUNK = 1024 * 1024


def read_at_most(file: Path, most_bytes: int) -> bytes:
    """The first `most_bytes` bytes of `file`; raises OSError, also where a pipe stays silent."""
    content = bytearray()
    with FileIO(file, opener=_without_waiting) as opened:
        while len(content) < most_bytes:
            chunk = _next_chunk(opened, min(_CHUNK, most_bytes - len(content)))
            if not chunk:
                break
            content += chunk
    return bytes(content)


def read_named_file(file: Path, most_bytes: int) -> bytes:
    """As `read_at_most`; raises `CertwrightError` INVALID_INPUT for what cannot be read."""
    try:
        return read_at_most(file, most_bytes)
    except OSError as error:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {file} cannot be read: {error.strerror}.",
            "Name a file that exists and that you may read.",
        ) from None


def _without_waiting(file: str, flags: int) -> int:
    # To open a pipe that nobody writes into would otherwise wait for ever.
    return os.open(file, flags | os.O_NONBLOCK)


def _next_chunk(opened: FileIO, most_bytes: int) -> bytes | None:
    ready, _, _ = select.select([opened], [], [], _PIPE_SECONDS)
    if not ready:
        reason = f"nothing came out of it for {_PIPE_SECONDS:.0f} seconds"
        raise TimeoutError(errno.ETIMEDOUT, reason)
    return opened.read(most_bytes)
