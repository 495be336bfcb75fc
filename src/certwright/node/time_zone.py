"""The time zone of this machine's clock on the wall, with its changes of summer time."""

import os
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LOCALTIME = Path("/etc/localtime")


def local_time_zone() -> tzinfo:
    """By TZ, else by where /etc/localtime leads, else UTC."""
    name = os.environ.get("TZ", "").removeprefix(":") or _linked_name()
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _linked_name() -> str:
    try:
        target = str(_LOCALTIME.resolve(strict=True))
    except OSError:
        return ""
    return target.partition("/zoneinfo/")[2]
