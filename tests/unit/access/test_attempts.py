"""Failed log-ins cost waiting; nobody can spray, and nobody can lock a user out for ever."""

import threading
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from certwright.access.attempts import (
    ADDRESS,
    USER,
    USER_AT_ADDRESS,
    Counted,
    LockedOut,
    count_attempt,
    remember_success,
    take_back,
)

HERE = "192.0.2.1"


def attempt(
    database: Engine, now: datetime, user: str = "ada", address: str = HERE
) -> Counted | LockedOut:
    with database.begin() as connection:
        return count_attempt(connection, user, address, now)


def succeed(database: Engine, now: datetime, user: str = "ada", address: str = HERE) -> None:
    with database.begin() as connection:
        counted = count_attempt(connection, user, address, now)
        assert isinstance(counted, Counted)
        remember_success(connection, counted, now)


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    waits = [USER_AT_ADDRESS.wait_after(failures).total_seconds() for failures in range(4, 13)]
    assert waits == [0, 30, 60, 120, 240, 480, 900, 900, 900]


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_more_failures_never_wait_less_nor_beyond_the_longest(one: int, other: int) -> None:
    for limit in (USER_AT_ADDRESS, ADDRESS, USER):
        shorter, longer = (limit.wait_after(count) for count in sorted((one, other)))
        assert shorter <= longer <= limit.longest_wait


def test_five_failures_lock_for_thirty_seconds_then_longer(
    database: Engine, start: datetime
) -> None:
    for _ in range(5):
        assert isinstance(attempt(database, start), Counted)
    assert attempt(database, start) == LockedOut(start + timedelta(seconds=30))
    later = start + timedelta(seconds=30)
    assert isinstance(attempt(database, later), Counted)
    assert attempt(database, later) == LockedOut(later + timedelta(seconds=60))


def test_attempts_while_locked_do_not_lock_longer(database: Engine, start: datetime) -> None:
    for _ in range(5):
        attempt(database, start)
    for seconds in range(29):
        assert isinstance(attempt(database, start + timedelta(seconds=seconds)), LockedOut)
    assert isinstance(attempt(database, start + timedelta(seconds=30)), Counted)


def test_guesser_elsewhere_does_not_lock_her_out_here(database: Engine, start: datetime) -> None:
    for _ in range(6):
        attempt(database, start, address="198.51.100.7")
    assert isinstance(attempt(database, start), Counted)


def test_spraying_many_names_is_bounded_for_an_address(database: Engine, start: datetime) -> None:
    outcomes = [attempt(database, start, user=f"guess {n}") for n in range(40)]
    assert sum(isinstance(outcome, Counted) for outcome in outcomes) == ADDRESS.free_failures
    assert isinstance(attempt(database, start, address="198.51.100.7"), Counted)


def test_spraying_from_a_whole_ipv6_network_is_one_address(
    database: Engine, start: datetime
) -> None:
    outcomes = [
        attempt(database, start, user=f"guess {n}", address=f"2001:db8::{n:x}") for n in range(40)
    ]
    assert sum(isinstance(outcome, Counted) for outcome in outcomes) == ADDRESS.free_failures
    assert isinstance(attempt(database, start, address="2001:db8:0:1::1"), Counted)


def test_mapped_ipv4_address_is_the_same_address(database: Engine, start: datetime) -> None:
    for _ in range(5):
        attempt(database, start, address=f"::ffff:{HERE}")
    assert isinstance(attempt(database, start), LockedOut)


def test_guessing_from_many_addresses_slows_down_but_not_where_she_is_known(
    database: Engine, start: datetime
) -> None:
    succeed(database, start)
    outcomes = [attempt(database, start, address=f"198.51.100.{n}") for n in range(100)]
    assert sum(isinstance(outcome, Counted) for outcome in outcomes) == USER.free_failures
    assert isinstance(attempt(database, start, address="203.0.113.9"), LockedOut)
    assert isinstance(attempt(database, start), Counted)


def test_being_known_does_not_lift_the_limit_of_the_place(
    database: Engine, start: datetime
) -> None:
    succeed(database, start)
    for _ in range(5):
        assert isinstance(attempt(database, start), Counted)
    assert isinstance(attempt(database, start), LockedOut)


def test_success_forgets_her_failures_but_not_those_of_the_address(
    database: Engine, start: datetime
) -> None:
    for number in range(15):
        attempt(database, start, user=f"guess {number}")
    for _ in range(4):
        attempt(database, start)
    succeed(database, start)
    outcomes = [attempt(database, start) for _ in range(5)]
    assert [isinstance(outcome, Counted) for outcome in outcomes] == [True, *[False] * 4]


def test_success_at_the_limit_leaves_no_lock(database: Engine, start: datetime) -> None:
    for _ in range(4):
        attempt(database, start)
    succeed(database, start)
    for _ in range(4):
        assert isinstance(attempt(database, start), Counted)
    assert isinstance(attempt(database, start), Counted)


def test_attempt_taken_back_does_not_count(database: Engine, start: datetime) -> None:
    for _ in range(50):
        counted = attempt(database, start)
        assert isinstance(counted, Counted)
        with database.begin() as connection:
            take_back(connection, counted)


def test_failures_are_forgotten_after_a_day(database: Engine, start: datetime) -> None:
    for _ in range(4):
        attempt(database, start)
    tomorrow = start + timedelta(hours=25)
    assert isinstance(attempt(database, tomorrow), Counted)
    assert isinstance(attempt(database, tomorrow), Counted)


def test_old_rows_are_swept(database: Engine, start: datetime) -> None:
    for number in range(10):
        attempt(database, start, user=f"guess {number}")
    attempt(database, start + timedelta(hours=25), address="198.51.100.7")
    with database.connect() as connection:
        rows = connection.execute(text("select count(*) from log_in_attempts")).scalar_one()
    assert rows == 3


def test_what_was_typed_as_a_name_is_not_stored(database: Engine, start: datetime) -> None:
    attempt(database, start, user="correct horse battery")
    with database.connect() as connection:
        rows = connection.execute(
            text("select log_in_attempts::text from log_in_attempts")
        ).scalars()
        assert not any("horse" in row for row in rows)


@pytest.mark.parametrize("user", ["", "\x00", "\ud800", "x" * 100_000])
def test_any_text_can_be_tried(database: Engine, start: datetime, user: str) -> None:
    assert isinstance(attempt(database, start, user=user, address="no address"), Counted)


def test_many_attempts_at_one_moment_are_not_all_let_through(
    database: Engine, start: datetime
) -> None:
    outcomes: list[Counted | LockedOut] = []
    together = threading.Barrier(20)

    def race() -> None:
        together.wait(30)
        outcomes.append(attempt(database, start))

    threads = [threading.Thread(target=race) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 20
    assert sum(isinstance(outcome, Counted) for outcome in outcomes) == 5
