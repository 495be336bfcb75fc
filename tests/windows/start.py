"""Run under wine: do tasks with the folder `machine` that lies in the folder given.

A process of wine must hold SeSecurityPrivilege to change the access list of a private key a
second time; Windows asks that of nobody who changes no audit entries.
"""

import ctypes
import runpy
import sys
from ctypes import wintypes

_ADJUST_AND_QUERY = 0x28
_SECURITY = 8
_ENABLED = 2


class _Privileges(ctypes.Structure):
    _fields_ = [
        ("count", wintypes.DWORD),
        ("low", wintypes.DWORD),
        ("high", wintypes.LONG),
        ("attributes", wintypes.DWORD),
    ]


def _enable_security_privilege() -> None:
    advapi32 = vars(ctypes)["WinDLL"]("advapi32.dll")
    token = wintypes.HANDLE()
    advapi32.OpenProcessToken.argtypes = [
        wintypes.HANDLE,
        wintypes.DWORD,
        ctypes.POINTER(wintypes.HANDLE),
    ]
    assert advapi32.OpenProcessToken(wintypes.HANDLE(-1), _ADJUST_AND_QUERY, ctypes.byref(token))
    advapi32.AdjustTokenPrivileges.argtypes = [
        wintypes.HANDLE,
        wintypes.BOOL,
        ctypes.c_void_p,
        wintypes.DWORD,
        ctypes.c_void_p,
        ctypes.c_void_p,
    ]
    wanted = _Privileges(1, _SECURITY, 0, _ENABLED)
    assert advapi32.AdjustTokenPrivileges(token, False, ctypes.byref(wanted), 0, None, None)


if __name__ == "__main__":
    _enable_security_privilege()
    sys.path.insert(0, sys.argv[1])
    runpy.run_module("machine", run_name="__main__", alter_sys=True)
