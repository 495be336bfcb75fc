"""Dates as people say them: absolute first, then how far away. All in UTC."""

from datetime import datetime, timedelta

from certwright.x509.text import span

_MINUTE = timedelta(minutes=1)
_DAYS_WITHOUT_A_YEAR = 300
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Not by strftime: that takes its time, and its names follow the locale."""
_NEAR = {0: "today", 1: "tomorrow"}


def date_text(moment: datetime) -> str:
    """Day, month and year: `9 Jan 2027`."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def clock_text(moment: datetime, now: datetime) -> str:
    """The time of day if it was today, else the day as well: `09:14`, `8 Jan 2027, 09:14`."""
    clock = f"{moment:%H:%M}"
    if moment.date() == now.date():
        return clock
    return f"{date_text(moment)}, {clock}"


def soon_text(moment: datetime, now: datetime) -> str:
    """A moment to come, as short as it is clear: `today, 14:05`, `24 Dec`, `24 Dec 2028`."""
    days = (moment.date() - now.date()).days
    if days in _NEAR:
        return f"{_NEAR[days]}, {moment:%H:%M}"
    is_clear = 0 < days <= _DAYS_WITHOUT_A_YEAR
    return f"{moment.day} {_MONTHS[moment.month - 1]}" if is_clear else date_text(moment)


def minute_text(moment: datetime, now: datetime) -> str:
    """As `soon_text`, with the time of day however far away: `29 Nov, 02:00`."""
    clock, said = f"{moment:%H:%M}", soon_text(moment, now)
    return said if said.endswith(clock) else f"{said}, {clock}"


def distance_text(moment: datetime, now: datetime) -> str:
    """How far `moment` is from `now`: `47 days`, `2 hours`, `3 days ago`."""
    if moment >= now:
        return span(moment - now)
    return f"{span(now - moment)} ago"


def ago_text(moment: datetime, now: datetime) -> str:
    """How long ago `moment` was; a clock that runs slightly ahead reads as `just now`."""
    if now - moment < _MINUTE:
        return "just now"
    return f"{span(now - moment)} ago"


def until_text(moment: datetime, now: datetime) -> str:
    """An expiry: `9 Jan 2027 (47 days)`, `3 May 2026 (expired 205 days ago)`."""
    if moment < now:
        return f"{date_text(moment)} (expired {distance_text(moment, now)})"
    return f"{date_text(moment)} ({distance_text(moment, now)})"
