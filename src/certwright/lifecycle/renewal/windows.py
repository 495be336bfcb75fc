"""When a new certificate is activated where a maintenance window is set. Pure."""

from datetime import datetime, tzinfo

from certwright.lifecycle.renewal.deciding import latest_start
from certwright.lifecycle.renewal.hours import parse_hours
from certwright.x509.certificate import Certificate


def next_opening(
    window: str, ready: datetime, zone: tzinfo, served: Certificate | None
) -> datetime:
    """The first moment from `ready` on that lies in `window` ("" for any moment).

    No window may let run out what is served: when a tenth of its lifetime is left, it is activated
    whatever the hour.
    """
    if not window:
        return ready
    opens = parse_hours(window).next_inside(ready, zone)
    return opens if served is None else min(opens, max(ready, latest_start(served)))
