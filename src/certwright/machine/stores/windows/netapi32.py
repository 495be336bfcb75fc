"""What is used of netapi32.dll: which groups an account is in."""

from ctypes import POINTER, c_void_p, c_wchar_p
from ctypes.wintypes import DWORD

from ...windows_libraries import Library

_netapi32 = Library("netapi32")

INDIRECT = 1
"""LG_INCLUDE_INDIRECT."""

get_local_groups = _netapi32.status_function(
    "NetUserGetLocalGroups",
    c_wchar_p,
    c_wchar_p,
    DWORD,
    DWORD,
    POINTER(POINTER(c_wchar_p)),
    DWORD,
    POINTER(DWORD),
    POINTER(DWORD),
)
free = _netapi32.status_function("NetApiBufferFree", c_void_p)
