"""Text out of certificates, made safe to show: whoever made the file chose every character."""

from datetime import UTC, datetime, timedelta

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_LONGEST = 1024
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_DAYS_UNTIL_MONTHS_ARE_CLEARER = 120
_DAYS_UNTIL_YEARS_ARE_CLEARER = 730
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
"""Not by strftime: its names follow the locale, and the sentences around them do not."""


def printable(text: str, longest: int = _LONGEST) -> str:
    """`text` with every control and formatting character replaced, and an end to its length.

    Such characters steer terminals, turn the direction of reading, or pass for something else.
    """
    if text.isprintable() and len(text) <= longest:
        return text
    shown = "".join(
        character if character.isprintable() else _REPLACEMENT for character in text[:longest]
    )
    return shown if len(text) <= longest else shown + "…"


def listed(texts: tuple[str, ...], at_most: int = 5) -> str:
    """`texts` with commas between, the rest of a long list as a number: "a, b and 7 more"."""
    shown = ", ".join(texts[:at_most])
    left = len(texts) - at_most
    return f"{shown} and {left} more" if left > 0 else shown


def day(moment: datetime) -> str:
    """A date as a person writes it: "3 May 2026"."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def span(length: timedelta) -> str:
    """A length of time in the unit that reads best: "47 hours", "47 days", "5 years"."""
    if length < _HOUR:
        return f"{max(1, length // _MINUTE)} min"
    if length < 2 * _DAY:
        return _counted(length // _HOUR, "hour")
    days = (length + _DAY / 2) // _DAY  # a certificate of 47 days has 47 left on its first day
    if days <= _DAYS_UNTIL_MONTHS_ARE_CLEARER:
        return _counted(days, "day")
    if days <= _DAYS_UNTIL_YEARS_ARE_CLEARER:
        return _counted(days // 30, "month")
    return _counted(days // 365, "year")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def rfc3339(moment: datetime) -> str:
    """A moment for programs: UTC, to the whole second, "2026-05-03T09:00:00Z"."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
