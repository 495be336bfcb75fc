"""What an administrator set for all renewals of a node."""

from datetime import tzinfo

from sqlalchemy import Connection, select

from certwright.database.tables import settings
from certwright.lifecycle.renewal.hours import parse_hours
from certwright.lifecycle.renewal.timing import QuietHours

QUIET_HOURS = "renewal.quiet-hours"


def quiet_hours(connection: Connection, zone: tzinfo) -> QuietHours | None:
    """When nothing is renewed unless it must be; None if it may be at any time."""
    text: str | None = connection.execute(
        select(settings.c.value).where(settings.c.name == QUIET_HOURS)
    ).scalar_one_or_none()
    return QuietHours(parse_hours(text), zone) if text else None
