"""Lengths of time as people write them: "47d", "12h", "3m"."""

import re
from datetime import timedelta

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.text import printable

_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_DURATION = re.compile(r"([0-9]{1,5}) ?([dhm])")


def parse_duration(text: str) -> timedelta:
    """Days, hours or minutes, more than none; raises INVALID_INPUT."""
    match = _DURATION.fullmatch(text.strip())
    length = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()
    if not length:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"{printable(text, 40)!r} is no length of time.",
            'Write days, hours or minutes, such as "47d", "12h" or "30m".',
        )
    return length
