"""The picture of what expires when: a bar a week or a month, each leading to its certificates."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from certwright.designer.dates import date_text
from certwright.designer.manager_address import list_address
from certwright.stores.expiries import Expiries
from certwright.stores.listing_query import SOON, ListingQuery, Sort

BARS = 12
HEIGHT = 96
"""Of the highest bar, in px."""

_WEEK = timedelta(weeks=1)
_DAY = timedelta(days=1)
_SHARE_OF_ITS_ROOM = 0.72
_LOWEST = 3


@dataclass(frozen=True)
class Period:
    """A week or a month, from `start` until before `end`; the first one begins today."""

    start: date
    end: date
    label: str
    more: str
    """What stands below the label, where it has changed: the month of a week, a month's year."""
    name: str


@dataclass(frozen=True)
class Bar:
    """One period: `x`, `middle` and `width` in per cent, `top` and `height` in px."""

    period: Period
    number: int
    shown: str
    title: str
    address: str
    x: float
    middle: float
    width: float
    top: int
    height: int


@dataclass(frozen=True)
class Count:
    """A number with what it counts, and where those are listed."""

    number: int
    text: str
    address: str


@dataclass(frozen=True)
class ExpiryBars:
    """Everything the picture needs, and what stands apart from it."""

    bars: tuple[Bar, ...]
    expired: Count
    soon: Count
    later: Count
    name: str
    room: float
    """What each bar has to itself, in per cent."""


def horizon(today: date) -> date:
    """The last day that a picture drawn `today` may show."""
    return _months(today)[-1].end - _DAY


def draw_expiries(expiries: Expiries) -> ExpiryBars | None:
    """Bars from `expiries.first`, which is today: by week if nothing needs more, else by month.

    None when there is nothing to show.
    """
    if not (expiries.on or expiries.before or expiries.after):
        return None
    today = expiries.first
    weeks = _weeks(today)
    by_week = all(day < weeks[-1].end for day in expiries.on)
    periods = weeks if by_week else _months(today)
    end = periods[-1].end
    numbers = [_number(expiries, one.start, one.end) for one in periods]
    most = max(*numbers, 1)
    soon = today + SOON
    in_time = _number(expiries, today, soon)
    later = _number(expiries, end, date.max) + expiries.after
    return ExpiryBars(
        bars=tuple(
            _bar(index, period, number, most)
            for index, (period, number) in enumerate(zip(periods, numbers, strict=True))
        ),
        expired=Count(expiries.before, "expired", _listed(None, today, descending=True)),
        soon=Count(in_time, f"{_expire(in_time)} within {SOON.days} days", _listed(today, soon)),
        later=Count(
            later, f"{_expire(later)} after {date_text(_moment(end - _DAY))}", _listed(end, None)
        ),
        name=f"Certificates that expire, by {'week' if by_week else 'month'}",
        room=round(100 / BARS, 2),
    )


def compact(number: int) -> str:
    """At most four characters: 999, 1.2k, 98k, 1.0M."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            share = number / size
            return f"{share:.1f}{letter}" if share < 9.95 else f"{share:.0f}{letter}"
    return str(number)


def _bar(index: int, period: Period, number: int, most: int) -> Bar:
    room = 100 / BARS
    height = max(_LOWEST, round(HEIGHT * number / most)) if number else 0
    certificates = "certificate" if number == 1 else "certificates"
    return Bar(
        period=period,
        number=number,
        shown=compact(number),
        title=f"{period.name}: {number:,} {certificates} {_expire(number)}",
        address=_listed(period.start, period.end),
        x=round(room * (index + (1 - _SHARE_OF_ITS_ROOM) / 2), 2),
        middle=round(room * (index + 0.5), 2),
        width=round(room * _SHARE_OF_ITS_ROOM, 2),
        top=HEIGHT - height,
        height=height,
    )


def _expire(number: int) -> str:
    return "expires" if number == 1 else "expire"


def _number(expiries: Expiries, start: date, end: date) -> int:
    return sum(number for day, number in expiries.on.items() if start <= day < end)


def _listed(start: date | None, end: date | None, *, descending: bool = False) -> str:
    """The list of just those that were counted: of all stores, the archived ones too."""
    return list_address(
        ListingQuery(
            place=None,
            archived=None,
            expires_from=None if start is None else _moment(start),
            expires_before=None if end is None else _moment(end),
            sort=Sort.NOT_AFTER,
            descending=descending,
        )
    )


def _moment(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _weeks(today: date) -> tuple[Period, ...]:
    monday = today - timedelta(days=today.weekday())
    return tuple(
        _periods(
            today,
            monday,
            lambda start: start + _WEEK,
            label=lambda start: str(start.day),
            more=lambda start: f"{start:%b}",
            name=lambda start: f"Week from {date_text(_moment(start))}",
        )
    )


def _months(today: date) -> tuple[Period, ...]:
    return tuple(
        _periods(
            today,
            today.replace(day=1),
            lambda start: (start + timedelta(days=31)).replace(day=1),
            label=lambda start: f"{start:%b}",
            more=lambda start: str(start.year),
            name=lambda start: f"{start:%B %Y}",
        )
    )


_Tell = Callable[[date], str]


def _periods(
    today: date,
    first: date,
    after: Callable[[date], date],
    *,
    label: _Tell,
    more: _Tell,
    name: _Tell,
) -> Iterator[Period]:
    start, told = first, ""
    for _ in range(BARS):
        end, below = after(start), more(start)
        yield Period(
            max(start, today), end, label(start), below if below != told else "", name(start)
        )
        start, told = end, below
