"""One process at a time at an endpoint; the lock ends with the database session that holds it."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import text

from certwright.lifecycle.server import Server
from certwright.services.endpoints import EndpointName

_turns: defaultdict[EndpointName, Lock] = defaultdict(Lock)
"""Threads of this process wait here, not at the database: each of them would hold a connection
there, and a dozen leave none in the pool to the one that has the lock and works."""


@contextmanager
def endpoint_lock(server: Server, endpoint: EndpointName) -> Iterator[None]:
    """Wait for, and hold, the right to switch or prove `endpoint`."""
    name = {"name": f"endpoint {server.node} {endpoint}"}
    with (
        _turns[endpoint],
        server.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        connection.execute(text("select pg_advisory_lock(hashtext(:name))"), name)
        try:
            yield
        finally:
            connection.execute(text("select pg_advisory_unlock(hashtext(:name))"), name)
