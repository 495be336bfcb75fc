"""The time line of expiries: where each lane, tick and today's line stands, in per cent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from certwright.designer.dates import date_text

_PAST_SHARE = 0.08
"""How much of the width lies before today, so that today's line does not stick to the edge."""
_SHORTEST = timedelta(days=14)
_MOST_TICKS = 4
_MONTHS_BETWEEN_TICKS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 12000, 36000)
# RFC 5280 4.1.2.5: a certificate without an end has notAfter 99991231235959Z.
_LATEST = datetime(9999, 12, 31, tzinfo=UTC)
_LANE_HEIGHT = 48
_MOST_LANES = 12
_TOP = 24
_WIDTH_OF_A_TICK_LABEL = 16.0
_WIDTH_OF_A_DATE = 28.0
"""In per cent of the narrowest drawing; what is nearer to the right edge has no room for it."""


@dataclass(frozen=True)
class Validity:
    """What one endpoint serves, from when until when that is good, and when it is renewed."""

    title: str
    health: str
    not_before: datetime
    not_after: datetime
    renewed_at: datetime | None = None
    """None where nobody will, or it is not known when."""


@dataclass(frozen=True)
class Lane:
    """One endpoint's bar; `start`, `end` and its `renewal` in per cent, `top` in px."""

    title: str
    health: str
    start: float
    end: float
    top: int
    label: str
    renewal: float | None
    description: str

    @property
    def has_room_beside(self) -> bool:
        """Whether the date fits right of the bar; else it stands above it at the edge."""
        return self.end < 100 - _WIDTH_OF_A_DATE

    @property
    def width(self) -> float:
        """In per cent."""
        return round(self.end - self.start, 2)


@dataclass(frozen=True)
class Tick:
    """The first day of a month; `position` in per cent."""

    position: float
    label: str


@dataclass(frozen=True)
class Timeline:
    """Everything the drawing needs; `today` in per cent, `height` in px.

    `total` is how many lanes there would be: of very many only the first to run out are drawn.
    """

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    today: float
    height: int
    description: str
    total: int

    @property
    def shows_renewals(self) -> bool:
        """Whether any lane has one."""
        return any(lane.renewal is not None for lane in self.lanes)


def draw_timeline(validities: Sequence[Validity], now: datetime) -> Timeline | None:
    """Lay out `validities` from a little before `now` to a little after the last expiry.

    None when there is nothing to show.
    """
    if not validities:
        return None
    total = len(validities)
    first = sorted(range(total), key=lambda index: validities[index].not_after)[:_MOST_LANES]
    validities = [validities[index] for index in sorted(first)]
    last = max(max(validity.not_after for validity in validities), now + _SHORTEST)
    ahead = min((last - now) * 1.08, _LATEST - now)
    start = now - ahead * _PAST_SHARE
    scale = _Scale(start, now + ahead)
    lanes = tuple(
        Lane(
            title=validity.title,
            health=validity.health,
            start=scale.position(validity.not_before),
            end=max(scale.position(validity.not_after), 1.0),
            top=_TOP + index * _LANE_HEIGHT,
            label=date_text(validity.not_after),
            renewal=_renewal(validity, scale, now),
            description=_description(validity),
        )
        for index, validity in enumerate(validities)
    )
    return Timeline(
        lanes=lanes,
        ticks=_ticks(scale),
        today=scale.position(now),
        height=_TOP + len(lanes) * _LANE_HEIGHT + 24,
        description="; ".join(lane.description for lane in lanes),
        total=total,
    )


def _renewal(validity: Validity, scale: "_Scale", now: datetime) -> float | None:
    renewed_at = validity.renewed_at
    return None if renewed_at is None else scale.position(max(renewed_at, now))


def _description(validity: Validity) -> str:
    until = f"{validity.title} good until {date_text(validity.not_after)}"
    if validity.renewed_at is None:
        return until
    return f"{until}, renewed on {date_text(validity.renewed_at)}"


@dataclass(frozen=True)
class _Scale:
    start: datetime
    end: datetime

    def position(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return round(100 * min(max(share, 0.0), 1.0), 2)


def _ticks(scale: _Scale) -> tuple[Tick, ...]:
    for step in _MONTHS_BETWEEN_TICKS:
        months = _months(scale.start, scale.end, step)
        if len(months) <= _MOST_TICKS:
            break
    return tuple(
        Tick(position, f"{month:%b %Y}")
        for month in months
        if (position := scale.position(month)) <= 100 - _WIDTH_OF_A_TICK_LABEL
    )


def _months(start: datetime, end: datetime, step: int) -> list[datetime]:
    first = start.year * 12 + start.month
    first += -first % step
    last = end.year * 12 + end.month - 1
    return [
        start.replace(year=number // 12, month=number % 12 + 1, day=1, hour=0, minute=0, second=0)
        for number in range(first, last + 1, step)
    ]
