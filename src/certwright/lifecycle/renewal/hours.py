"""Hours of the week: a maintenance window, or the quiet hours in which nothing is renewed.

Written as "22:00-04:00", "Sun 02:00-04:00" or "Mon-Fri 08:00-18:00, Sat 08:00-12:00"; the times
are those of the clock on the wall, so a night with a change of summer time is an hour longer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.text import printable

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SPAN = re.compile(
    r"(?:(?P<first>[A-Za-z]{3})(?:-(?P<last>[A-Za-z]{3}))? +)?"
    r"(?P<start>[0-9]{1,2}:[0-9]{2})-(?P<end>[0-9]{1,2}:[0-9]{2})"
)
_END_OF_DAY = "24:00"
_DAYS_AHEAD = 16
"""A span of a single day of the week comes again within these, even if summer time takes one."""
_MOST_SPANS = 20


@dataclass(frozen=True)
class Span:
    """One span of the day, on some days of the week (0 is Monday); it may go over midnight."""

    days: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True)
class Hours:
    """Spans of the week, and the text they were written as."""

    text: str
    spans: tuple[Span, ...]

    def contains(self, at: datetime, zone: tzinfo) -> bool:
        """Whether `at` lies within a span."""
        return self.next_inside(at, zone) == at

    def next_inside(self, at: datetime, zone: tzinfo) -> datetime:
        """The first moment from `at` on that lies within a span (UTC)."""
        return next(max(start, at) for start, end in self._periods(at, zone) if end > at)

    def next_outside(self, at: datetime, zone: tzinfo) -> datetime:
        """The first moment from `at` on that lies within none; two weeks later if there is none."""
        for start, end in self._periods(at, zone):
            if start <= at < end:
                return end
        return at

    def _periods(self, at: datetime, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
        """What lies around and after `at`, in order, joined where one ends as the next begins."""
        today = at.astimezone(zone).date()
        days = [today + timedelta(number) for number in range(-1, _DAYS_AHEAD)]
        found = (_period(span, day, zone) for span in self.spans for day in days
                 if day.weekday() in span.days)  # fmt: skip
        # A span within the hour that summer time leaves out does not come that night.
        periods = sorted((start, end) for start, end in found if start < end)
        start, end = periods[0]
        for next_start, next_end in periods[1:]:
            if next_start > end:
                yield start, end
                start, end = next_start, next_end
            end = max(end, next_end)
        yield start, end


def parse_hours(text: str) -> Hours:
    """Read such a text; raises INVALID_INPUT."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > _MOST_SPANS:
        raise _refusal(text)
    spans = tuple(_span(part, text) for part in parts)
    return Hours(", ".join(map(_written, spans)), spans)


def _span(part: str, whole: str) -> Span:
    match = _SPAN.fullmatch(part)
    if match is None:
        raise _refusal(whole)
    start, end = (_time(match[name], whole) for name in ("start", "end"))
    if start == end and match["end"] != _END_OF_DAY:
        raise _refusal(whole)
    return Span(_days(match["first"], match["last"], whole), start, end)


def _time(text: str, whole: str) -> time:
    if text == _END_OF_DAY:
        return time(0)
    try:
        hour, minute = map(int, text.split(":"))
        return time(hour, minute)
    except ValueError:
        raise _refusal(whole) from None


def _days(first: str | None, last: str | None, whole: str) -> frozenset[int]:
    if first is None:
        return frozenset(range(7))
    try:
        begin, end = (_DAYS.index(name.capitalize()) for name in (first, last or first))
    except ValueError:
        raise _refusal(whole) from None
    return frozenset((begin + number) % 7 for number in range((end - begin) % 7 + 1))


def _written(span: Span) -> str:
    end = _END_OF_DAY if span.end == time(0) else f"{span.end:%H:%M}"
    times = f"{span.start:%H:%M}-{end}"
    if len(span.days) == 7:
        return times
    first = next(day for day in sorted(span.days) if (day - 1) % 7 not in span.days)
    last = _DAYS[(first + len(span.days) - 1) % 7]
    return f"{_DAYS[first]} {times}" if len(span.days) == 1 else f"{_DAYS[first]}-{last} {times}"


def _period(span: Span, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    last_day = day if span.end > span.start else day + timedelta(1)
    start = datetime.combine(day, span.start, zone).astimezone(UTC)
    return start, datetime.combine(last_day, span.end, zone).astimezone(UTC)


def _refusal(text: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        f"{printable(text, 80)!r} names no hours of the week.",
        'Write for example "22:00-04:00", "Sun 02:00-04:00" or '
        '"Mon-Fri 08:00-18:00, Sat 08:00-12:00".',
    )
