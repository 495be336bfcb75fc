"""Noticing what other programs change in a store."""

import time
from ctypes import byref

from ...tasks import Changes, WaitForChanges
from . import crypt32
from .kernel32 import event, wait
from .system_store import fingerprints, opened

_LONGEST_WAIT = 60
_LOOK_AGAIN = 0.5
"""Seconds. Windows tells of changes in the registry, but not of all (a group policy's store lies
elsewhere), and wine of none: so it is looked at this often besides."""


def wait_for_changes(task: WaitForChanges) -> Changes:
    """What came and went since the caller looked; waits while it is nothing."""
    deadline = time.monotonic() + min(max(task.seconds, 0), _LONGEST_WAIT)
    known = frozenset(task.known)
    with event() as changed, opened(task.location, task.store) as store:
        # First the event and then the look: a change between the two is seen by one of them.
        if store is not None:
            crypt32.control_store.attempt(store, 0, crypt32.CONTROL_NOTIFY_CHANGE, byref(changed))
        while True:
            current = fingerprints(task.location, task.store)
            left = deadline - time.monotonic()
            if current != known or left <= 0:
                return Changes(tuple(sorted(current - known)), tuple(sorted(known - current)))
            if wait(changed, int(min(left, _LOOK_AGAIN) * 1000) + 1) and store is not None:
                # Told of something else, a new name perhaps: the event is set once each time.
                crypt32.control_store.attempt(store, 0, crypt32.CONTROL_RESYNC, byref(changed))
