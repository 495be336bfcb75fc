"""A service of Windows, run by its Service Control Manager: NAME FILE [ends].

Each start is a line in FILE, the number of its process. With `ends` it stops by itself with code 7
as soon as it has started. It imports little, as wine waits ten seconds for it to report.
"""

import ctypes
import os
import sys
import time
from ctypes import wintypes
from typing import Any

_OWN_PROCESS, _TAKES_STOP, _STOP = 0x10, 1, 1
_STOPPED, _RUNNING = 1, 4
_OWN_CODE = 1066

_advapi32: Any = vars(ctypes)["WinDLL"]("advapi32.dll")
_main_type: Any = vars(ctypes)["WINFUNCTYPE"](None, wintypes.DWORD, ctypes.c_void_p)
_handler_type: Any = vars(ctypes)["WINFUNCTYPE"](None, wintypes.DWORD)
_orders: list[int] = []


class _Entry(ctypes.Structure):
    _fields_ = (("name", wintypes.LPWSTR), ("main", _main_type))


def _handle(control: int) -> None:
    _orders.append(control)


_handler = _handler_type(_handle)


def _serve(_count: int, _arguments: object) -> None:
    register = _advapi32.RegisterServiceCtrlHandlerW
    register.restype = ctypes.c_void_p
    register.argtypes = [wintypes.LPWSTR, _handler_type]
    service = register(sys.argv[1], _handler)
    with open(sys.argv[2], "a") as starts:  # noqa: PTH123 - pathlib takes its time to import
        starts.write(f"{os.getpid()}\n")
    _tell(service, _RUNNING)
    if "ends" in sys.argv:
        _tell(service, _STOPPED, 7)
        return
    while _STOP not in _orders:
        time.sleep(0.02)
    _tell(service, _STOPPED)


def _tell(service: Any, state: int, code: int = 0) -> None:
    status = (wintypes.DWORD * 7)(
        _OWN_PROCESS, state, _TAKES_STOP, _OWN_CODE if code else 0, code, 0, 0
    )
    _advapi32.SetServiceStatus.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    _advapi32.SetServiceStatus(service, status)


if __name__ == "__main__":
    table = (_Entry * 2)(_Entry(sys.argv[1], _main_type(_serve)), _Entry(None, _main_type()))
    _advapi32.StartServiceCtrlDispatcherW(table)
