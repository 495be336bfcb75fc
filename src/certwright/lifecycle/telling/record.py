"""How far each channel has come, in the database: any process can go on with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql import text

from certwright.database.node_views import THIS_NODE, endpoints, telling_channels
from certwright.database.tables import events, renewals
from certwright.lifecycle.events import Event
from certwright.lifecycle.renewal.alarm import sounding_endpoints
from certwright.lifecycle.renewal.record import RenewalState
from certwright.lifecycle.telling.deciding import Numbered, Standing, Told

_MOST_AT_ONCE = 5000


@dataclass(frozen=True)
class ChannelRecord:
    """How far a channel has come, and how its sending went last.

    `upto` is the last event that is done with; `attempts` counts those that failed since one
    succeeded, `failure` says why, `answer` what was said to the last that succeeded.
    """

    channel: str
    upto: int
    told: Mapping[str, Told]
    attempts: int = 0
    again_at: datetime | None = None
    failure: str = ""
    answer: str = ""
    sent_at: datetime | None = None


def get_record(connection: Connection, channel: str) -> ChannelRecord:
    """The record of `channel`; a new one begins with what happens from now on."""
    newest = select(func.coalesce(func.max(events.c.id), 0)).scalar_subquery()
    connection.execute(
        insert(telling_channels)
        .values(channel=channel, upto=newest, told={}, attempts=0, failure="", answer="")
        .on_conflict_do_nothing()
    )
    chosen = select(telling_channels).where(telling_channels.c.channel == channel)
    return _record(connection.execute(chosen).one())


def list_records(connection: Connection) -> tuple[ChannelRecord, ...]:
    """The records of all channels that were used."""
    rows = connection.execute(select(telling_channels).order_by(telling_channels.c.channel))
    return tuple(map(_record, rows))


def keep_record(connection: Connection, record: ChannelRecord) -> None:
    """Write how `record` stands now."""
    connection.execute(
        update(telling_channels)
        .where(telling_channels.c.channel == record.channel)
        .values(
            upto=record.upto,
            told={key: _document(one) for key, one in record.told.items()},
            attempts=record.attempts,
            again_at=record.again_at,
            failure=record.failure,
            answer=record.answer,
            sent_at=record.sent_at,
        )
    )


def forget_others(connection: Connection, channels: frozenset[str]) -> None:
    """Forget channels that are set up no longer: one that is again begins anew."""
    known = set(connection.scalars(select(telling_channels.c.channel)))
    for one in known - channels:
        connection.execute(telling_channels.delete().where(telling_channels.c.channel == one))


def events_after(connection: Connection, upto: int) -> tuple[Numbered, ...] | None:
    """What came after the event numbered `upto`, in order; None if that cannot be told now.

    Of this node alone: each tells its own.

    Events are numbered when they are written and seen when they are committed, so a later number
    may show first. While nobody is about to write one, everything is there.
    """
    wanted = (events.c.id > upto, events.c.node == THIS_NODE)
    if not connection.scalar(select(select(events.c.id).where(*wanted).exists())):
        return ()
    try:
        connection.execute(text("lock table events in share mode nowait"))
    except OperationalError:
        connection.rollback()
        return None
    rows = connection.execute(
        select(events).where(*wanted).order_by(events.c.id).limit(_MOST_AT_ONCE)
    )
    found = tuple(
        Numbered(row.id, Event(row.at, row.actor, row.kind, row.subject, row.message, row.good))
        for row in rows
    )
    connection.rollback()
    return found


def what_stands(connection: Connection) -> Standing:
    """What is not right at this moment."""
    proven = endpoints.c.proof["verdict"].astext == "pass"
    unproven = select(endpoints.c.name).where(
        endpoints.c.active_protocol.is_not(None), func.coalesce(proven, False).is_(False)
    )
    troubled = or_(
        renewals.c.state == RenewalState.ASKING.value,
        and_(renewals.c.state == RenewalState.WAITING.value, renewals.c.attempts > 0),
    )
    rows = connection.execute(
        select(renewals.c.certificate, renewals.c.issued).where(
            renewals.c.finished_at.is_(None), troubled
        )
    )
    return Standing(
        unproven=frozenset(connection.scalars(unproven)),
        renewing=frozenset(one for row in rows for one in row if one is not None),
        expiring=sounding_endpoints(connection),
    )


def _record(row: Row[Any]) -> ChannelRecord:
    return ChannelRecord(
        channel=row.channel,
        upto=row.upto,
        told={key: _told(one) for key, one in row.told.items()},
        attempts=row.attempts,
        again_at=row.again_at,
        failure=row.failure,
        answer=row.answer,
        sent_at=row.sent_at,
    )


def _document(told: Told) -> dict[str, Any]:
    return {
        "kind": told.kind,
        "subject": told.subject,
        "sentence": told.sentence,
        "since": told.since.isoformat(),
        "at": told.at.isoformat(),
        "mended": told.mended,
        "earlier": [one.isoformat() for one in told.earlier],
    }


def _told(document: dict[str, Any]) -> Told:
    times = {name: datetime.fromisoformat(document[name]) for name in ("since", "at")}
    earlier = tuple(map(datetime.fromisoformat, document.get("earlier", ())))
    return Told(**document | times | {"earlier": earlier})
