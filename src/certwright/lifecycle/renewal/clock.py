"""Noticing that the machine's clock was set: what looks due then may not be.

A clock that jumps ahead makes every certificate look expired, and a certificate issued by it is not
valid yet once the clock is right again. So nothing is begun by itself until it has run evenly for a
while.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

_UNEVEN = timedelta(seconds=60)
HOLD_SECONDS = 600.0


@dataclass(frozen=True)
class Reading:
    """The clock on the wall, and one that only ever counts seconds, read at the same moment."""

    wall: datetime
    steady: float


@dataclass(frozen=True)
class ClockWatch:
    """The last reading, and until when (on the steady clock) nothing is begun by itself."""

    last: Reading
    held_until: float = 0.0

    def jump(self, now: Reading) -> timedelta:
        """By how much the clock was set since the last reading, small corrections left out."""
        passed = timedelta(seconds=now.steady - self.last.steady)
        jumped = now.wall - self.last.wall - passed
        return jumped if abs(jumped) > _UNEVEN else timedelta()

    def after(self, now: Reading) -> "ClockWatch":
        """The watch with this reading taken."""
        held = now.steady + HOLD_SECONDS if self.jump(now) else self.held_until
        return ClockWatch(now, held)

    @property
    def holds(self) -> bool:
        """Whether the clock was set lately."""
        return self.last.steady < self.held_until
