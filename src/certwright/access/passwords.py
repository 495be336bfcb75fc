"""Passwords: hashed by argon2id, never kept, and never more of them hashed at once than fit."""

import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from certwright.errors import CertwrightError, ErrorCode

MINIMUM_LENGTH = 8
"""Characters of a password that somebody chooses (NIST SP 800-63B 5.1.1.1)."""

MAXIMUM_LENGTH = 1024
"""Characters; longer input is not worth hashing."""

NOBODYS_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$"
    "gzYFiCU1txH6x0gbVL7/EA$JcQBmJoFYfJzpxu8FTcgzsZtoSnRsfPlhkMW+R95cBI"
)
"""Verified in place of the hash of an unknown user, so that both answers take the same time."""

# RFC 9106 section 4, second recommended option: t=3, p=4, 64 MiB. About 0.1 s on 2 cores.
_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

# Letters and digits that are not mistaken for one another: no i, l, o, u.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

# 64 MiB each: a flood of log-ins must neither fill the memory nor the threads that serve others.
_AT_ONCE = 2
_WAITING = 8
_running = threading.BoundedSemaphore(_AT_ONCE)
_admitted = threading.BoundedSemaphore(_AT_ONCE + _WAITING)


def hash_password(password: str) -> str:
    """The argon2id hash, in PHC string format, of a password that somebody chose.

    Raises `CertwrightError` INVALID_INPUT for one too short or too long, BUSY as `verify` does.
    """
    refuse_weak_password(password)
    return rehash(password)


def refuse_weak_password(password: str) -> None:
    """Raise INVALID_INPUT for a password too short or too long."""
    if len(password) < MINIMUM_LENGTH:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The password has fewer than {MINIMUM_LENGTH} characters.",
            "Choose a longer one; a few unrelated words are easy to remember.",
        )
    if len(password) > MAXIMUM_LENGTH:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The password has more than {MAXIMUM_LENGTH} characters.",
            "Choose a shorter one.",
        )


def rehash(password: str) -> str:
    """The hash by today's parameters of a password that was accepted before."""
    with _a_turn():
        return _HASHER.hash(_canonical(password))


def verify(password_hash: str, password: str) -> bool:
    """Whether `password` is the one behind `password_hash`.

    Raises `CertwrightError` BUSY when too many passwords are being verified already.
    """
    if len(password) > MAXIMUM_LENGTH:
        return False
    with _a_turn():
        try:
            return _HASHER.verify(password_hash, _canonical(password))
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def random_password(entropy: Callable[[int], bytes]) -> str:
    """A password of 80 random bits, as xxxx-xxxx-xxxx-xxxx; `entropy` gives n random bytes."""
    number = int.from_bytes(entropy(10), "big")
    letters = "".join(_ALPHABET[(number >> shift) & 31] for shift in range(75, -5, -5))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def _canonical(password: str) -> bytes:
    # RFC 8265 4.2.2: "Any instances of non-ASCII space MUST be mapped to SPACE" and
    # "Unicode Normalization Form C (NFC) MUST be applied"; keyboards differ in both.
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in password)
    return unicodedata.normalize("NFC", spaced).encode("utf-8", "surrogatepass")


@contextmanager
def _a_turn() -> Iterator[None]:
    if not _admitted.acquire(blocking=False):
        raise CertwrightError(
            ErrorCode.BUSY,
            "Too many people log in at this moment.",
            "Try again in a few seconds.",
        )
    try:
        with _running:
            yield
    finally:
        _admitted.release()
