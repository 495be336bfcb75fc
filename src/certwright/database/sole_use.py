"""One node a database, until endpoints know to which node they belong."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

from certwright.errors import CertwrightError, ErrorCode

_LOCK = 0x736F6C65
_FORMER_SECONDS = 5.0
"""A killed node's session may take a moment to end."""
_PAUSE_SECONDS = 0.1


@contextmanager
def sole_use(engine: Engine) -> Iterator[None]:
    """Hold the database for this node; PostgreSQL lets go when the session ends, however it does.

    Raises `CertwrightError` DATABASE_IN_USE while another node holds it.
    """
    deadline = time.monotonic() + _FORMER_SECONDS
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": _LOCK}):
            if time.monotonic() >= deadline:
                raise CertwrightError(
                    ErrorCode.DATABASE_IN_USE,
                    "Another node is running with this database.",
                    "Stop that node, or give this one a database of its own with --database.",
                )
            time.sleep(_PAUSE_SECONDS)
        try:
            yield
        finally:
            connection.invalidate()
