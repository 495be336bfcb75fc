"""One process at a time is the node of a name, however many nodes share the database."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

from certwright.errors import CertwrightError, ErrorCode

_FORMER_SECONDS = 5.0
"""A killed node's session may take a moment to end."""
_PAUSE_SECONDS = 0.1
_TRY = text("select pg_try_advisory_lock(hashtext(:name))")


def lock_name_of(node: str) -> str:
    """The name of the lock that whoever is `node` holds."""
    return f"node {node}"


@contextmanager
def node_lock(engine: Engine, node: str) -> Iterator[None]:
    """Be the node `node`; PostgreSQL lets go when the session ends, however it does.

    Raises `CertwrightError` DATABASE_IN_USE while another process is it.
    """
    name = {"name": lock_name_of(node)}
    deadline = time.monotonic() + _FORMER_SECONDS
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(_TRY, name):
            if time.monotonic() >= deadline:
                raise CertwrightError(
                    ErrorCode.DATABASE_IN_USE,
                    f"The node {node} is running with this database already.",
                    "Stop it. If this data folder is a copy of that node's, delete the file "
                    "node-name in it, and it becomes a node of its own.",
                )
            time.sleep(_PAUSE_SECONDS)
        try:
            yield
        finally:
            connection.invalidate()
