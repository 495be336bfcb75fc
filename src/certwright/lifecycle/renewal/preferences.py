"""What an administrator set for all renewals of a node."""

from datetime import timedelta, tzinfo

from sqlalchemy import Connection, select

from certwright.database.tables import settings
from certwright.lifecycle.renewal.durations import parse_duration
from certwright.lifecycle.renewal.hours import parse_hours
from certwright.lifecycle.renewal.timing import QuietHours

QUIET_HOURS = "renewal.quiet-hours"
INTERNAL_LIFETIME = "internal.lifetime"


def quiet_hours(connection: Connection, zone: tzinfo) -> QuietHours | None:
    """When nothing is renewed unless it must be; None if it may be at any time."""
    text = _value(connection, QUIET_HOURS)
    return QuietHours(parse_hours(text), zone) if text else None


def internal_lifetime(connection: Connection) -> timedelta | None:
    """For how long our own authority is to issue; None for as long as it did before."""
    text = _value(connection, INTERNAL_LIFETIME)
    return parse_duration(text) if text else None


def _value(connection: Connection, name: str) -> str | None:
    text: str | None = connection.execute(
        select(settings.c.value).where(settings.c.name == name)
    ).scalar_one_or_none()
    return text
