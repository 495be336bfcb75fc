"""How many expire when, as the stores change."""

from datetime import timedelta

from sqlalchemy import Engine

from certwright.stores.database import add_certificate, delete_entry
from certwright.stores.expiries import count_between, count_expiries
from certwright.stores.place import INTERMEDIATE, PERSONAL

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority


def test_days_are_counted_over_all_stores(
    database: Engine, company: ForeignAuthority, clock: Clock
) -> None:
    today = clock().date()
    leaves = [
        company.issue([f"{days}.corp.example"], not_after=clock() + timedelta(days=days)).leaf
        for days in (0, 5, 5, 40)
    ]
    with database.begin() as connection:
        for leaf in leaves:
            add_certificate(connection, leaf, PERSONAL, clock())
        add_certificate(connection, leaves[1], INTERMEDIATE, clock())
        delete_entry(connection, leaves[2].fingerprint, PERSONAL)
        counted = count_expiries(connection, today, today + timedelta(days=30))
        assert counted.on == {today: 1, today + timedelta(days=5): 2}
        assert (counted.before, counted.after) == (0, 1)
        later = count_expiries(connection, today + timedelta(days=6), today + timedelta(days=40))
        assert (later.before, later.on, later.after) == (3, {today + timedelta(days=40): 1}, 0)
        in_personal = count_between(connection, PERSONAL, today, today + timedelta(days=6))
        everywhere = count_between(connection, None, None, today + timedelta(days=6))
        assert (in_personal, everywhere) == (2, 3)
        assert count_between(connection, INTERMEDIATE, today + timedelta(days=6), None) == 0


def test_empty_stores(database: Engine, clock: Clock) -> None:
    today = clock().date()
    with database.begin() as connection:
        counted = count_expiries(connection, today, today)
    assert (counted.before, counted.on, counted.after) == (0, {}, 0)
