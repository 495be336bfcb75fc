"""Files that another program of Windows holds open, told from those that one may not open."""

import os
from ctypes import c_void_p, c_wchar_p
from ctypes.wintypes import DWORD
from pathlib import Path

from ...windows_libraries import Library, last_error

_READ_AND_WRITE = 0xC0000000
_SHARED_WITH_ALL = 0x7
_EXISTING = 3
_NOT_OPENED = c_void_p(-1).value
_VIOLATIONS = (32, 33)
"""ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION."""

_kernel32 = Library("kernel32")
_create_file = _kernel32.function(
    "CreateFileW", c_void_p, c_wchar_p, DWORD, DWORD, c_void_p, DWORD, DWORD, c_void_p
)
_close = _kernel32.function("CloseHandle", c_void_p, c_void_p)


def is_held(path: Path) -> bool:
    """Whether a file cannot be opened for writing as another program has it open.

    Python's own `open` says EACCES for that, as for every other refusal.
    """
    if os.name != "nt":
        return False
    handle = _create_file.attempt(
        str(path), _READ_AND_WRITE, _SHARED_WITH_ALL, None, _EXISTING, 0, None
    )
    if handle != _NOT_OPENED:
        _close.attempt(handle)
        return False
    return last_error() in _VIOLATIONS
