"""How many certificates of all stores expire when, without looking at any of them."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from certwright.database.tables import expiry_counts
from certwright.stores.place import Place


@dataclass(frozen=True)
class Expiries:
    """How many expire on each day (UTC) from one to another, before them and after them.

    Only days on which something expires are named; archived certificates count too.
    """

    first: date
    last: date
    on: dict[date, int]
    before: int
    after: int


def count_expiries(connection: Connection, first: date, last: date) -> Expiries:
    """What expires from `first` to `last`, both included; `last` not before `first`."""
    day_before, day_after = first - timedelta(days=1), last + timedelta(days=1)
    on = func.least(func.greatest(expiry_counts.c.expires_on, day_before), day_after)
    number = func.sum(expiry_counts.c.number)
    rows = connection.execute(
        select(on.label("day"), number.label("number")).group_by(on).having(number > 0)
    )
    counted = {row.day: int(row.number) for row in rows}
    before, after = counted.pop(day_before, 0), counted.pop(day_after, 0)
    return Expiries(first, last, counted, before, after)


def count_between(
    connection: Connection, place: Place | None, start: date | None, end: date | None
) -> int:
    """How many of `place` (None: of all stores) expire from `start` until before `end`, by day."""
    counted = select(func.coalesce(func.sum(expiry_counts.c.number), 0))
    if place is not None:
        counted = counted.where(
            expiry_counts.c.machine == place.machine,
            expiry_counts.c.location == place.location,
            expiry_counts.c.store == place.store,
        )
    if start is not None:
        counted = counted.where(expiry_counts.c.expires_on >= start)
    if end is not None:
        counted = counted.where(expiry_counts.c.expires_on < end)
    return int(connection.execute(counted).scalar_one())
