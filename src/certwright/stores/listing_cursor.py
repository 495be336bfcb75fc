"""Where a page of a list begins: the row before it, by what the list is sorted by."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from certwright.errors import CertwrightError, ErrorCode

_LONGEST = 1000
_LARGEST_NUMBER = 2**63 - 1

Key = str | datetime


@dataclass(frozen=True)
class Cursor:
    """The row next to a page: its sort key and its number in the store.

    `position` is how many rows lay before the page that the row is on or next to, as it was when
    the cursor was made: it is shown, nothing is found by it.
    """

    key: Key
    number: int
    position: int


def write_cursor(cursor: Cursor) -> str:
    """For an address: letters, digits, `-` and `_`."""
    key = cursor.key.isoformat() if isinstance(cursor.key, datetime) else cursor.key
    content = json.dumps([key, cursor.number, cursor.position], separators=(",", ":"))
    return urlsafe_b64encode(content.encode()).decode("ascii").rstrip("=")


def read_cursor(text: str, *, of_times: bool) -> Cursor:
    """The cursor in an address; `of_times` if the list is sorted by a time.

    Raises `CertwrightError` INVALID_INPUT.
    """
    if len(text) > _LONGEST:
        raise _unreadable()
    try:
        content = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        key, number, position = content
        if not (isinstance(key, str) and _is_number(number) and _is_number(position)):
            raise _unreadable()
        if "\0" in key:  # PostgreSQL has no such text
            raise _unreadable()
        key.encode()
        return Cursor(_time(key) if of_times else key, number, position)
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise _unreadable() from None


def _is_number(value: object) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST_NUMBER


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise _unreadable()
    return moment.astimezone(UTC)


def _unreadable() -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        "The place in the list that the address names cannot be read.",
        "Open the list from its first page.",
    )
