"""One's turn to change the node's own stores: no two transactions do it at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Connection, Engine, text

from certwright.errors import CertwrightError, ErrorCode

_LOCK = 0x73746F72
_LONGEST_WAIT_SECONDS = 30.0
_turn = Lock()
"""Threads of this process wait here, not at the database: each of them would hold a connection
there, and a dozen leave none in the pool to those who only want to look."""


@contextmanager
def changing_stores(database: Engine) -> Iterator[Connection]:
    """A transaction that adds to the stores or takes away from them, one after the other.

    Two that touch the same rows, or the same counts of a store, in another order would wait for
    each other, and PostgreSQL ends one of them (its manual, 13.3.4, Deadlocks). Whether a key is
    still used, and whether a certificate is kept, is looked up first and acted upon afterwards.
    Raises BUSY after half a minute.
    """
    if not _turn.acquire(timeout=_LONGEST_WAIT_SECONDS):
        raise CertwrightError(
            ErrorCode.BUSY,
            "Somebody else has been changing the certificate stores for half a minute.",
            "Try again in a minute.",
        )
    try:
        with database.begin() as connection:
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            yield connection
    finally:
        _turn.release()
