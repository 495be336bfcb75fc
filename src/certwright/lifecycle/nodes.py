"""The nodes that share a database: each says that it is there, and the others notice if one is not.

Time is told by the database, so that the clocks of the machines need not agree.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, func, inspect, select, text, update
from sqlalchemy.dialects.postgresql import insert

from certwright.access.rights import Caller, Right, require
from certwright.database.node_lock import lock_name_of
from certwright.database.node_tables import nodes
from certwright.database.tables import (
    endpoints_of_nodes,
    services_of_nodes,
    telling_channels_of_nodes,
)
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.server import Server
from certwright.x509.text import listed, printable

ACTOR = "node"
_SAID_EACH = timedelta(seconds=5)
_SILENT_AFTER = timedelta(seconds=30)
_TRY = text("select pg_try_advisory_xact_lock(hashtext(:name))")
_MISSED_AFTER = timedelta(minutes=2)
"""Long enough for a node that is started anew."""

IS_SILENT = nodes.c.seen_at < func.now() - _SILENT_AFTER
"""Whether others may go on with what a node began, as an expression of SQL."""


@dataclass(frozen=True)
class Node:
    """A node as the others see it; `server_name` is what people know it by."""

    name: str
    server_name: str
    version: str
    seen_at: datetime
    is_silent: bool
    is_this: bool


def be_seen(server: Server) -> None:
    """Say that this node is there; its worker does, time and again."""
    values = {"server_name": server.name, "version": server.version, "seen_at": func.now()}
    with server.database.begin() as connection:
        statement = insert(nodes).values(name=server.node, **values)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["name"],
                set_=values,
                where=nodes.c.seen_at < func.now() - _SAID_EACH,
            )
        )
        was_missed = connection.execute(
            update(nodes).where(nodes.c.name == server.node, nodes.c.missed).values(missed=False)
        )
        if was_missed.rowcount:
            _record(connection, server, server.node, "node-back", "It is there again.", good=True)


def miss_silent_nodes(server: Server) -> None:
    """Record an event for each other node that fell silent; one node of several does."""
    with server.database.begin() as connection:
        missed = connection.execute(
            update(nodes)
            .where(
                nodes.c.name != server.node,
                ~nodes.c.missed,
                nodes.c.seen_at < func.now() - _MISSED_AFTER,
            )
            .values(missed=True)
            .returning(nodes.c.name, nodes.c.server_name, nodes.c.seen_at)
        )
        for row in missed:
            sentence = (
                f"The node {row.name} ({row.server_name}) was last seen at {row.seen_at:%H:%M} "
                "UTC. "
                "Until it is back, nothing is renewed or activated there; renewals that it began "
                "go on as far as the new certificate."
            )
            _record(connection, server, row.name, "node-silent", sentence, good=False)


def list_nodes(server: Server) -> tuple[Node, ...]:
    """All that use the database, by name."""
    with server.database.connect() as connection:
        rows = connection.execute(
            select(nodes, IS_SILENT.label("is_silent")).order_by(nodes.c.name)
        ).all()
    return tuple(
        Node(
            name=row.name,
            server_name=row.server_name,
            version=row.version,
            seen_at=row.seen_at,
            is_silent=row.is_silent,
            is_this=row.name == server.node,
        )
        for row in rows
    )


def names_of_nodes(database: Engine) -> tuple[str, ...]:
    """The nodes that a database knows, whether it was brought up to date or not."""
    with database.connect() as connection:
        if not inspect(connection).has_table(nodes.name):
            return ()
        return tuple(connection.scalars(select(nodes.c.name).order_by(nodes.c.name)))


def forget_node(server: Server, name: str, caller: Caller) -> None:
    """Forget a node that is gone for good: its endpoints, its services, and what they used.

    Raises NOT_PERMITTED, NOT_FOUND, or BUSY for a node that is there.
    """
    require(caller, Right.ADMIN, "forget a node")
    with server.database.begin() as connection:
        row = connection.execute(
            select(IS_SILENT.label("is_silent")).where(nodes.c.name == name).with_for_update()
        ).one_or_none()
        if row is None:
            raise CertwrightError(
                ErrorCode.NOT_FOUND,
                f"There is no node {printable(name, 80)!r}.",
                "Look which there are: certwright nodes list",
            )
        is_running = not connection.scalar(_TRY, {"name": lock_name_of(name)})
        if is_running or not row.is_silent:
            raise CertwrightError(
                ErrorCode.BUSY,
                f"The node {name} is running, so it is not forgotten.",
                "Stop it first; half a minute later it can be forgotten.",
            )
        for table in (endpoints_of_nodes, services_of_nodes, telling_channels_of_nodes):
            connection.execute(delete(table).where(table.c.node == name))
        connection.execute(delete(nodes).where(nodes.c.name == name))
        sentence = f"The node {name} was forgotten, with its endpoints and services."
        _record(connection, server, name, "node-forgotten", sentence, good=True, actor=caller.name)


def named(names: tuple[str, ...]) -> str:
    """Several nodes as people say them: "the node todd-1", "the nodes todd-1, todd-2"."""
    return f"the {'node' if len(names) == 1 else 'nodes'} {listed(names)}"


def _record(
    connection: Connection,
    server: Server,
    name: str,
    kind: str,
    sentence: str,
    *,
    good: bool,
    actor: str = ACTOR,
) -> None:
    record_event(connection, Event(server.now(), actor, kind, name, sentence, good=good))
