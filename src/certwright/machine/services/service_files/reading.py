"""A file of a service, read: so much and no more, and never waited for."""

import os
from pathlib import Path

from ...failures import FailureCode, MachineError
from .refusals import unreadable

_LARGEST = 16 * 1024 * 1024
"""Bytes; certificates, keys and settings are far smaller."""


def read_file(path: Path) -> bytes:
    """The content of a file of a service; raises NOT_FOUND, NOT_PERMITTED, TOO_LARGE."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            content = file.read(_LARGEST + 1)
    except ValueError:  # a NUL in the path
        raise unreadable(path, FileNotFoundError()) from None
    except OSError as error:
        raise unreadable(path, error) from None
    if len(content) > _LARGEST:
        raise MachineError(
            FailureCode.TOO_LARGE,
            f"{path} is larger than {_LARGEST // 1024 // 1024} MiB.",
            "Name the right file.",
        )
    return content


def _open_without_waiting(path: str, flags: int) -> int:
    """A named pipe would be waited for, without end."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
