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

from ...failures import FailureCode, MachineError
from ...windows_libraries import Library, SystemCallError

_CONNECT = 0x1
_QUERY_START_STOP = 0x4 | 0x10 | 0x20
_STOP = 1
_PROCESS_INFORMATION = 0
_SYNCHRONIZE = 0x100000
_STOPPED, _RUNNING = 1, 4
_ACCESS_DENIED, _NO_SUCH_SERVICE, _NOT_ACTIVE = 5, 1060, 1062
_DATABASE_LOCKED, _STARTED_ALREADY, _NOT_NOW = 1055, 1056, 1061
_WELL_AFTER = 1.0
"""Seconds that it is watched once it runs: one that cannot listen ends right away."""
_PAUSE = 0.1


class _Status(ctypes.Structure):
    """SERVICE_STATUS_PROCESS, which begins as SERVICE_STATUS does."""

    _fields_ = (
        ("type", DWORD),
        ("state", DWORD),
        ("controls", DWORD),
        ("exit_code", DWORD),
        ("own_exit_code", DWORD),
        ("check_point", DWORD),
        ("wait_hint", DWORD),
        ("process", DWORD),
        ("flags", DWORD),
    )


_advapi32 = Library("advapi32")
_open_manager = _advapi32.function("OpenSCManagerW", c_void_p, c_wchar_p, c_wchar_p, DWORD)
_open_service = _advapi32.function("OpenServiceW", c_void_p, c_void_p, c_wchar_p, DWORD)
_close = _advapi32.function("CloseServiceHandle", BOOL, c_void_p)
_query = _advapi32.function(
    "QueryServiceStatusEx", BOOL, c_void_p, DWORD, POINTER(_Status), DWORD, POINTER(DWORD)
)
_control = _advapi32.function("ControlService", BOOL, c_void_p, DWORD, POINTER(_Status))
_kernel32 = Library("kernel32")
_open_process = _kernel32.function("OpenProcess", c_void_p, DWORD, BOOL, DWORD)
_wait_for = _kernel32.function("WaitForSingleObject", DWORD, c_void_p, DWORD)
_close_process = _kernel32.function("CloseHandle", BOOL, c_void_p)
_start = _advapi32.function("StartServiceW", BOOL, c_void_p, DWORD, c_void_p)


def restart_service(name: str, seconds: float = 50.0) -> None:
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
        with _opened(name) as service, _process_of(service) as process:
            _stop(service, name, deadline)
            if process:  # it may hold its ports for a while after it has reported its end
                _wait_for.attempt(process, int(max(0, deadline - time.monotonic()) * 1000))
            _begin(service, deadline)
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


@contextlib.contextmanager
def _process_of(service: c_void_p) -> Iterator[c_void_p | None]:
    """A handle to wait for, None where it does not run or may not be waited for."""
    number = _status(service).process
    process = _open_process.attempt(_SYNCHRONIZE, False, number) if number else None
    try:
        yield process
    finally:
        if process:
            _close_process(process)


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


def _begin(service: c_void_p, deadline: float) -> None:
    while True:
        try:
            _start(service, 0, None)
        except SystemCallError as error:
            if error.code == _DATABASE_LOCKED and time.monotonic() < deadline:
                time.sleep(_PAUSE)  # others are being started, as when the machine has booted
                continue
            if error.code != _STARTED_ALREADY:  # by its own recovery actions
                raise
        return


def _is_on_its_way(service: c_void_p) -> bool:
    return _status(service).state not in (_STOPPED, _RUNNING)


def _status(service: c_void_p) -> _Status:
    status = _Status()
    _query(service, _PROCESS_INFORMATION, status, ctypes.sizeof(status), DWORD())
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
