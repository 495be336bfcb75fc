"""When a server wants to be asked again, by its Retry-After (RFC 9110 10.2.3)."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]{1,9}")
_LONGEST = 64


def read_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """The time from `now`, never below zero; None where there is none, or none that is meant.

    `text` is a number of seconds or an HTTP date.
    """
    if text is None or len(text) > _LONGEST:
        return None
    stripped = text.strip()
    if _SECONDS.fullmatch(stripped) and stripped.isascii():
        return timedelta(seconds=int(stripped))
    try:
        moment = parsedate_to_datetime(stripped)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(aware - now, timedelta())
    except (ValueError, TypeError, OverflowError, LookupError):
        return None


def again_at(
    text: str | None,
    now: datetime,
    *,
    least: timedelta,
    most: timedelta,
    otherwise: timedelta,
) -> datetime:
    """The moment to ask again: as `text` says, from `least` to `most` away; else `otherwise`."""
    wanted = read_retry_after(text, now)
    return now + (otherwise if wanted is None else min(max(wanted, least), most))
