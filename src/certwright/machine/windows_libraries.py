"""Functions of Windows' libraries: found at the first call, typed, and checked after each."""

import ctypes
import sys
from functools import cached_property
from typing import Any

from .failures import FailureCode, MachineError

_SYSTEM_FOLDER_ONLY = 0x800
"""LOAD_LIBRARY_SEARCH_SYSTEM32: never a library that somebody put beside Python."""


class SystemCallError(Exception):
    """A function of Windows refused; `code` is what GetLastError or the status said, unsigned."""

    def __init__(self, function: str, code: int) -> None:
        super().__init__(f"{function} failed with 0x{code & 0xFFFFFFFF:08x}")
        self.function = function
        self.code = code & 0xFFFFFFFF


class Library:
    """A DLL of the system folder."""

    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def handle(self) -> ctypes.CDLL:
        """The loaded library; raises MachineError where there is no Windows."""
        loader = getattr(ctypes, "WinDLL", None)
        if loader is None:
            raise MachineError(
                FailureCode.STORE_FAILED,
                f"This machine runs {sys.platform} and has no Windows Certificate Store.",
                "Name a Windows machine, or use the node's own store.",
            )
        library: ctypes.CDLL = loader(
            f"{self._name}.dll", use_last_error=True, winmode=_SYSTEM_FOLDER_ONLY
        )
        return library

    def function(self, name: str, result: Any, *arguments: Any) -> "Function":
        """A function that returns zero, false or NULL when it fails, and sets the last error."""
        return Function(self, name, result, arguments)

    def status_function(self, name: str, *arguments: Any) -> "StatusFunction":
        """A function that returns a status, which is zero when it succeeds."""
        return StatusFunction(self, name, ctypes.c_int32, arguments)


class Function:
    """One function. Calling it raises SystemCallError where it fails; `attempt` does not."""

    def __init__(self, library: Library, name: str, result: Any, arguments: Any) -> None:
        self._library = library
        self._name = name
        self._result = result
        self._arguments = arguments

    @cached_property
    def _function(self) -> Any:
        function = getattr(self._library.handle, self._name)
        function.restype = self._result
        function.argtypes = self._arguments
        return function

    def attempt(self, *arguments: Any) -> Any:
        """What the function returns, whatever that means."""
        return self._function(*arguments)

    def __call__(self, *arguments: Any) -> Any:
        result = self._function(*arguments)
        if not result:
            raise SystemCallError(self._name, last_error())
        return result


class StatusFunction(Function):
    """A function whose result is a SECURITY_STATUS or NTSTATUS."""

    def __call__(self, *arguments: Any) -> Any:
        status = self._function(*arguments)
        if status != 0:
            raise SystemCallError(self._name, status)
        return status


def last_error() -> int:
    """What GetLastError said right after the latest call of this thread."""
    code: int = vars(ctypes)["get_last_error"]()
    return code & 0xFFFFFFFF
