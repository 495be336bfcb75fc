"""How fast this machine is just now, so that a bound on time means the same on every one."""

import hashlib
import time

_USUAL_SECONDS = 0.2
"""Of the processor for `_work`, on the machine of docs/benchmarks.md."""


def is_within(taken: float, bound: float) -> bool:
    """Whether `taken` is less than `bound`, both in the same unit, here or on that machine."""
    return taken < bound or taken * _USUAL_SECONDS / _seconds_of_work() < bound


def _seconds_of_work() -> float:
    began = time.process_time()
    _work()
    return time.process_time() - began


def _work() -> None:
    """Work of the library and of Python, half of the time each."""
    hashlib.pbkdf2_hmac("sha512", b"password", b"salt", 130_000)
    digest = b""
    for _ in range(160_000):
        digest = hashlib.sha512(digest).digest()
