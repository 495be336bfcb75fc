"""A file of a service, read: so much and no more, and never waited for."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ...failures import FailureCode, MachineError
from ...whole_files import access_list_of
from .refusals import unreadable

READING = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""How to open one; a named pipe would be waited for without O_NONBLOCK, without end."""
_LARGEST = 16 * 1024 * 1024
"""Bytes; certificates, keys and settings are far smaller."""


@dataclass(frozen=True)
class FoundFile:
    """What one open file held, and who may do what with it."""

    content: bytes
    status: os.stat_result
    access_list: bytes


def read_file(path: Path) -> bytes:
    """The content of a file of a service; raises NOT_FOUND, NOT_PERMITTED, TOO_LARGE."""
    try:
        descriptor = os.open(path, READING)
    except ValueError:  # a NUL in the path
        raise unreadable(path, FileNotFoundError()) from None
    except OSError as error:
        raise unreadable(path, error) from None
    return read_opened(descriptor, path).content


def read_opened(descriptor: int, path: Path) -> FoundFile:
    """All that is to know of an open file, which is closed; raises NOT_PERMITTED, TOO_LARGE."""
    try:
        status, access_list = os.fstat(descriptor), access_list_of(descriptor)
        content = None
        if stat.S_ISREG(status.st_mode):
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(_LARGEST + 1)
    except OSError as error:
        raise unreadable(path, error) from None
    finally:
        os.close(descriptor)
    if content is None:  # also of a file of the kernel that has nothing to say yet
        raise MachineError(
            FailureCode.NOT_PERMITTED, f"{path} is no regular file.", "Name the right file."
        )
    if len(content) > _LARGEST:
        raise MachineError(
            FailureCode.TOO_LARGE,
            f"{path} is larger than {_LARGEST // 1024 // 1024} MiB.",
            "Name the right file.",
        )
    return FoundFile(content, status, access_list)
