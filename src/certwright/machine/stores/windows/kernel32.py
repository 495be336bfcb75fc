"""What is used of kernel32.dll: events and mutexes, and waiting for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, c_void_p, c_wchar_p
from ctypes.wintypes import BOOL, DWORD

from ...windows_libraries import Library, SystemCallError, last_error
from .structures import SecurityAttributes

_kernel32 = Library("kernel32")
_TIMEOUT = 0x102
_FAILED = 0xFFFFFFFF

_create_event = _kernel32.function("CreateEventW", c_void_p, c_void_p, BOOL, BOOL, c_wchar_p)
create_mutex = _kernel32.function(
    "CreateMutexW", c_void_p, POINTER(SecurityAttributes), BOOL, c_wchar_p
)
release_mutex = _kernel32.function("ReleaseMutex", BOOL, c_void_p)
close_handle = _kernel32.function("CloseHandle", BOOL, c_void_p)
_wait = _kernel32.function("WaitForSingleObject", DWORD, c_void_p, DWORD)


@contextmanager
def event() -> Iterator[c_void_p]:
    """An event that resets itself, not yet set."""
    handle = c_void_p(_create_event(None, False, False, None))
    try:
        yield handle
    finally:
        close_handle(handle)


def wait(handle: c_void_p, milliseconds: int) -> bool:
    """Whether the event was set, or the mutex had, in time."""
    result = _wait.attempt(handle, milliseconds)
    if result == _FAILED:
        raise SystemCallError("WaitForSingleObject", last_error())
    return bool(result != _TIMEOUT)
