"""How fast this machine is just now, so that a bound on time means the same on every one."""

import hashlib
import time

_USUAL_SECONDS = 0.2
"""Of the processor for `_work`, on the machine of docs/benchmarks.md."""


def on_a_usual_machine(taken: float) -> float:
    """What `taken`, in whatever unit, would have been there; no more than it was here."""
    began = time.process_time()
    _work()
    return taken / max(1.0, (time.process_time() - began) / _USUAL_SECONDS)


def _work() -> None:
    """Work of the library and of Python, half of the time each."""
    hashlib.pbkdf2_hmac("sha512", b"password", b"salt", 130_000)
    digest = b""
    for _ in range(160_000):
        digest = hashlib.sha512(digest).digest()
