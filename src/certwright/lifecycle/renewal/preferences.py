"""What an administrator set for all renewals of a node."""

from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from certwright.database.tables import settings
from certwright.lifecycle.renewal.durations import parse_duration
from certwright.lifecycle.renewal.hours import parse_hours
from certwright.lifecycle.renewal.timing import QuietHours

QUIET_HOURS = "renewal.quiet-hours"
INTERNAL_LIFETIME = "internal.lifetime"


def quiet_hours(connection: Connection, zone: tzinfo) -> QuietHours | None:
    """When nothing is renewed unless it must be; None if it may be at any time."""
    text = preference(connection, QUIET_HOURS)
    return QuietHours(parse_hours(text), zone) if text else None


def internal_lifetime(connection: Connection) -> timedelta | None:
    """For how long our own authority is to issue; None for as long as it did before."""
    text = preference(connection, INTERNAL_LIFETIME)
    return parse_duration(text) if text else None


def preference(connection: Connection, name: str) -> str:
    """What was set by that name, as a text; "" for nothing."""
    text: str | None = connection.execute(
        select(settings.c.value).where(settings.c.name == name)
    ).scalar_one_or_none()
    return text or ""


def keep_preference(connection: Connection, name: str, text: str, now: datetime) -> None:
    """Set it to a text that was looked at, or take it back with ""."""
    if not text:
        connection.execute(delete(settings).where(settings.c.name == name))
        return
    values = {"value": text, "changed_at": now}
    connection.execute(
        insert(settings)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )
