"""Restarting a service of Windows through its Service Control Manager.

Microsoft's "Stopping a Service" and "Starting a Service" (Win32 API) describe the order.
"""

import contextlib
import ctypes
import os
import time
from collections.abc import Iterator
from ctypes import POINTER, c_void_p, c_wchar_p
from ctypes.wintypes import BOOL, DWORD

from ..failures import FailureCode, MachineError
from ..stores.libraries import Library, SystemCallError

_CONNECT = 0x1
_QUERY_START_STOP = 0x4 | 0x10 | 0x20
_STOP = 1
_STOPPED, _RUNNING = 1, 4
_ACCESS_DENIED, _NO_SUCH_SERVICE, _NOT_ACTIVE = 5, 1060, 1062
_STARTED_ALREADY, _NOT_NOW = 1056, 1061
_WELL_AFTER = 1.0
"""Seconds that it is watched once it runs: one that cannot listen ends right away."""
_PAUSE = 0.1


class _Status(ctypes.Structure):
    """SERVICE_STATUS."""

    _fields_ = (
        ("type", DWORD),
        ("state", DWORD),
        ("controls", DWORD),
        ("exit_code", DWORD),
        ("own_exit_code", DWORD),
        ("check_point", DWORD),
        ("wait_hint", DWORD),
    )


_advapi32 = Library("advapi32")
_open_manager = _advapi32.function("OpenSCManagerW", c_void_p, c_wchar_p, c_wchar_p, DWORD)
_open_service = _advapi32.function("OpenServiceW", c_void_p, c_void_p, c_wchar_p, DWORD)
_close = _advapi32.function("CloseServiceHandle", BOOL, c_void_p)
_query = _advapi32.function("QueryServiceStatus", BOOL, c_void_p, POINTER(_Status))
_control = _advapi32.function("ControlService", BOOL, c_void_p, DWORD, POINTER(_Status))
_start = _advapi32.function("StartServiceW", BOOL, c_void_p, DWORD, c_void_p)


def restart_service(name: str, seconds: float = 90.0) -> None:
    """Stop the service of this name and start it, and wait until it runs.

    Raises NOT_FOUND, NOT_PERMITTED, or SERVICE_FAILED where it does not end or come back within
    `seconds`, or comes back and ends at once.
    """
    if os.name != "nt":
        raise MachineError(
            FailureCode.INVALID_INPUT,
            f"{name} is a service of Windows, and this machine has none.",
            "Give the option restart: the command line that restarts it here.",
        )
    deadline = time.monotonic() + seconds
    try:
        with _opened(name) as service:
            _stop(service, name, deadline)
            _begin(service)
            _wait(service, name, _RUNNING, deadline)
            time.sleep(_WELL_AFTER)
            _wait(service, name, _RUNNING, time.monotonic())
    except SystemCallError as error:
        raise _refused(name, error) from None


@contextlib.contextmanager
def _opened(name: str) -> Iterator[c_void_p]:
    manager = _open_manager(None, None, _CONNECT)
    try:
        service = _open_service(manager, name, _QUERY_START_STOP)
        try:
            yield service
        finally:
            _close(service)
    finally:
        _close(manager)


def _stop(service: c_void_p, name: str, deadline: float) -> None:
    while True:
        try:
            _control(service, _STOP, _Status())
        except SystemCallError as error:
            # It takes no order while it is starting or stopping.
            if error.code == _NOT_NOW and _is_on_its_way(service) and time.monotonic() < deadline:
                time.sleep(_PAUSE)
                continue
            if error.code not in (_NOT_ACTIVE, _NOT_NOW):
                raise
        break
    _wait(service, name, _STOPPED, deadline)


def _begin(service: c_void_p) -> None:
    try:
        _start(service, 0, None)
    except SystemCallError as error:
        if error.code != _STARTED_ALREADY:  # by its own recovery actions
            raise


def _is_on_its_way(service: c_void_p) -> bool:
    return _status(service).state not in (_STOPPED, _RUNNING)


def _status(service: c_void_p) -> _Status:
    status = _Status()
    _query(service, status)
    return status


def _wait(service: c_void_p, name: str, wanted: int, deadline: float) -> None:
    while (status := _status(service)).state != wanted:
        ended = wanted == _RUNNING and status.state == _STOPPED
        if ended or time.monotonic() >= deadline:
            raise MachineError(
                FailureCode.SERVICE_FAILED,
                f"The service {name} "
                + (
                    f"ended with code {status.own_exit_code or status.exit_code} when it started."
                    if ended
                    else f"did not {'start' if wanted == _RUNNING else 'stop'} in time."
                ),
                "Look into the Windows event log (System and Application) and into the logs "
                "folder of the installation.",
            )
        time.sleep(_PAUSE)


def _refused(name: str, error: SystemCallError) -> MachineError:
    if error.code == _NO_SUCH_SERVICE:
        return MachineError(
            FailureCode.NOT_FOUND,
            f"This machine has no service called {name}.",
            "Give its name in the option service; the Windows Services window shows it.",
        )
    if error.code == _ACCESS_DENIED:
        return MachineError(
            FailureCode.NOT_PERMITTED,
            f"The account that Certwright runs as may not restart the service {name}.",
            "Let it run as an administrator, or give it the right to start and stop this service.",
        )
    return MachineError(
        FailureCode.SERVICE_FAILED,
        f"The service {name} was not restarted: Windows says {error.code} to {error.function}.",
        "Restart it in the Windows Services window, and look into the event log.",
    )
