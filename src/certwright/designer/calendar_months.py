"""A calendar: months of weeks, each day with what happens on it. Pure, and in UTC."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

_DAY = timedelta(days=1)
_MOST_SHOWN = 3
"""Entries of a day that stand in it at once; the others unfold."""
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Kind(StrEnum):
    """What an entry tells of."""

    RENEWED = "renewed"
    ENDED = "ended"
    PLANNED = "planned"
    EXPECTED = "expected"
    EXPIRY = "expiry"


@dataclass(frozen=True)
class Entry:
    """Something on a day; `time` is "" where only the day is known."""

    at: datetime
    kind: Kind
    time: str
    text: str
    address: str


@dataclass(frozen=True)
class Day:
    """One day and what happens on it, by time."""

    date: date
    is_today: bool
    entries: tuple[Entry, ...]

    @property
    def shown(self) -> tuple[Entry, ...]:
        """What stands in the day."""
        is_one_more = len(self.entries) == _MOST_SHOWN + 1  # takes no more room than to say so
        return self.entries[: _MOST_SHOWN + is_one_more]

    @property
    def folded(self) -> tuple[Entry, ...]:
        """What unfolds."""
        return self.entries[len(self.shown) :]

    @property
    def name(self) -> str:
        """`Thu 24 December`, where no column says which day of the week it is."""
        return f"{_WEEKDAYS[self.date.weekday()]} {self.date.day} {_MONTHS[self.date.month - 1]}"


@dataclass(frozen=True)
class Month:
    """One month; a week has seven places, None before the first and after the last day."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]

    @property
    def name(self) -> str:
        """`December 2026`."""
        return f"{_MONTHS[self.first.month - 1]} {self.first.year}"

    @property
    def is_empty(self) -> bool:
        """Whether nothing happens in it."""
        return not any(day and day.entries for week in self.weeks for day in week)


def month_after(first: date, number: int = 1) -> date:
    """The first day of the month so many months later; earlier for less than none."""
    months = first.year * 12 + first.month - 1 + number
    return date(months // 12, months % 12 + 1, 1)


def moments_of(first: date, months: int) -> tuple[datetime, datetime]:
    """From when until before when so many months last."""
    return (
        datetime.combine(first, time.min, UTC),
        datetime.combine(month_after(first, months), time.min, UTC),
    )


def draw_months(
    entries: Iterable[Entry], first: date, months: int, today: date
) -> tuple[Month, ...]:
    """So many months from the one that begins on `first`, with `entries` on their days."""
    by_day: dict[date, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: (one.at, one.kind, one.text)):
        by_day.setdefault(entry.at.astimezone(UTC).date(), []).append(entry)
    return tuple(_month(month_after(first, number), by_day, today) for number in range(months))


def _month(first: date, by_day: dict[date, list[Entry]], today: date) -> Month:
    length = (month_after(first) - first).days
    days = [first + number * _DAY for number in range(length)]
    made = [Day(day, day == today, tuple(by_day.get(day, ()))) for day in days]
    places: list[Day | None] = [*(None for _ in range(first.weekday())), *made]
    places += [None] * (-len(places) % 7)
    return Month(first, tuple(_week(places, start) for start in range(0, len(places), 7)))


def _week(places: Sequence[Day | None], start: int) -> tuple[Day | None, ...]:
    return tuple(places[start : start + 7])
