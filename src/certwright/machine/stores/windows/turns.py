"""One's turn to change the stores: no two processes do it at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import byref, c_void_p, cast, create_string_buffer, sizeof

from ...failures import FailureCode, MachineError
from .accounts import ADMINISTRATORS, SYSTEM, user_name
from .kernel32 import close_handle, create_mutex, release_mutex, wait
from .security_descriptors import GENERIC_ALL, allowed, write_access_list
from .structures import SecurityAttributes
from .system_store import LOCAL_MACHINE

_LONGEST_WAIT = 30_000
"""Milliseconds."""


@contextmanager
def turn(location: str) -> Iterator[None]:
    """Change the stores of `location` one after the other, in all processes that do it this way.

    Whether a key is still used, and whether a certificate is new, is looked up first and acted
    upon afterwards. Raises BUSY after half a minute. One who died holding the turn gives it up.
    """
    mutex = c_void_p(_mutex(location))
    try:
        if not wait(mutex, _LONGEST_WAIT):
            raise MachineError(
                FailureCode.BUSY,
                "Another process has been changing this machine's certificate stores for long.",
                "Try again in a minute; if it stays so, restart Certwright's agent there.",
            )
        try:
            yield
        finally:
            release_mutex(mutex)
    finally:
        close_handle(mutex)


def _mutex(location: str) -> int:
    """One of the machine, which SYSTEM and administrators share; one of each user."""
    if location != LOCAL_MACHINE:
        return int(create_mutex(None, False, f"Global\\certwright-stores-of-{user_name()}"))
    # Without a list of its own, what an agent makes as SYSTEM is closed to administrators.
    descriptor = write_access_list([allowed(sid, GENERIC_ALL) for sid in (SYSTEM, ADMINISTRATORS)])
    data = create_string_buffer(descriptor, len(descriptor))
    attributes = SecurityAttributes(sizeof(SecurityAttributes), cast(data, c_void_p), False)
    return int(create_mutex(byref(attributes), False, "Global\\certwright-stores"))
