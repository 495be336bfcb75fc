"""What happened and why, for the Designer and the auditor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from certwright.database.tables import events
from certwright.lifecycle.server import Server


@dataclass(frozen=True)
class Event:
    """One thing that happened: who did what to which, in a sentence."""

    at: datetime
    actor: str
    kind: str
    subject: str
    message: str
    good: bool


def record_event(connection: Connection, event: Event) -> None:
    """Keep `event` in the same transaction as what it tells of."""
    connection.execute(
        insert(events).values(
            at=event.at,
            actor=event.actor,
            kind=event.kind,
            subject=event.subject,
            message=event.message,
            good=event.good,
        )
    )


def latest_events(server: Server, limit: int) -> tuple[Event, ...]:
    """The newest first, those of other nodes among them."""
    with server.database.connect() as connection:
        rows = connection.execute(select(events).order_by(events.c.id.desc()).limit(limit))
        return tuple(
            Event(row.at, row.actor, row.kind, row.subject, _message(server, row), row.good)
            for row in rows
        )


def _message(server: Server, row: Row[Any]) -> str:
    here = row.node == server.node
    return row.message if here else f"On node {row.node}: {row.message}"
