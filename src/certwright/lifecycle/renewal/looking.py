"""The look that comes again and again: what is due, and what can be gone on with."""

from dataclasses import dataclass
from datetime import timedelta, tzinfo

from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.renewal.beginning import begin_due
from certwright.lifecycle.renewal.clock import HOLD_SECONDS, ClockWatch, Reading
from certwright.lifecycle.renewal.due import ACTOR
from certwright.lifecycle.renewal.obsolescence import obsolete_renewals
from certwright.lifecycle.renewal.preferences import quiet_hours
from certwright.lifecycle.renewal.record import ready_renewals
from certwright.lifecycle.server import Server


@dataclass(frozen=True)
class Look:
    """What can be gone on with, and the watch for the next look."""

    ready: tuple[int, ...]
    watch: ClockWatch


def look_for_work(server: Server, watch: ClockWatch, steady: float, zone: tzinfo) -> Look:
    """Begin what is due, unless the clock was set lately; `steady` are seconds that never jump."""
    now = Reading(server.now(), steady)
    jumped, watch = watch.jump(now), watch.after(now)
    if jumped:
        _record_jump(server, jumped)
    if not watch.holds:
        with server.database.connect() as connection:
            quiet = quiet_hours(connection, zone)
        begin_due(server, quiet)
    with server.database.connect() as connection:
        ready = {*ready_renewals(connection, server.now()), *obsolete_renewals(connection)}
    return Look(tuple(sorted(ready)), watch)


def _record_jump(server: Server, jumped: timedelta) -> None:
    direction = "ahead" if jumped > timedelta() else "back"
    length = timedelta(seconds=round(abs(jumped).total_seconds()))
    with server.database.begin() as connection:
        record_event(
            connection,
            Event(
                at=server.now(),
                actor=ACTOR,
                kind="clock-set",
                subject=ACTOR,
                message=f"This machine's clock was set {direction} by {length}. For "
                f"{HOLD_SECONDS / 60:.0f} minutes no renewal is begun by itself: see that the "
                "clock is right now.",
                good=False,
            ),
        )
