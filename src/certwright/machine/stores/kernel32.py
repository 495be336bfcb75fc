"""What is used of kernel32.dll: waiting, for a store's changes and for one's turn to change it."""

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_void_p, c_wchar_p
from ctypes.wintypes import BOOL, DWORD

from ..failures import FailureCode, MachineError
from .libraries import Library

_kernel32 = Library("kernel32")
_WAIT_TIMEOUT = 0x102
_LONGEST_TURN = 30_000
"""Milliseconds."""

create_event = _kernel32.function("CreateEventW", c_void_p, c_void_p, BOOL, BOOL, c_wchar_p)
_create_mutex = _kernel32.function("CreateMutexW", c_void_p, c_void_p, BOOL, c_wchar_p)
_release_mutex = _kernel32.function("ReleaseMutex", BOOL, c_void_p)
_wait = _kernel32.function("WaitForSingleObject", DWORD, c_void_p, DWORD)
_close_handle = _kernel32.function("CloseHandle", BOOL, c_void_p)


@contextmanager
def event() -> Iterator[c_void_p]:
    """An event that resets itself, not yet set."""
    handle = create_event(None, False, False, None)
    try:
        yield c_void_p(handle)
    finally:
        _close_handle(handle)


def wait(handle: c_void_p, milliseconds: int) -> bool:
    """Whether the event was set in time."""
    return bool(_wait.attempt(handle, milliseconds) != _WAIT_TIMEOUT)


@contextmanager
def turn() -> Iterator[None]:
    """Change stores one after the other, in all processes of this machine that do it this way.

    Whether a key is still used, and whether a certificate is new, is looked up first and acted
    upon afterwards. Raises BUSY after half a minute. One who died holding the turn gives it up.
    """
    mutex = _create_mutex(None, False, "Global\\certwright-certificate-stores")
    try:
        if _wait.attempt(mutex, _LONGEST_TURN) == _WAIT_TIMEOUT:
            raise MachineError(
                FailureCode.BUSY,
                "Another process has been changing this machine's certificate stores for long.",
                "Try again in a minute; if it stays so, restart Certwright's agent there.",
            )
        try:
            yield
        finally:
            _release_mutex(mutex)
    finally:
        _close_handle(mutex)
