"""A clock that is set is noticed, and held against for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from certwright.lifecycle.renewal.clock import HOLD_SECONDS, ClockWatch, Reading

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def reading(seconds: float, ahead: timedelta = timedelta()) -> Reading:
    return Reading(NOW + timedelta(seconds=seconds) + ahead, 1000 + seconds)


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(seconds=50), timedelta(seconds=-50)])
def test_a_clock_that_runs_evenly_holds_nothing(ahead: timedelta) -> None:
    watch = ClockWatch(reading(0)).after(reading(10, ahead))
    assert not watch.holds
    assert not watch.jump(reading(20, ahead))


@pytest.mark.parametrize("ahead", [timedelta(days=3650), timedelta(minutes=-2)])
def test_a_jump_is_told_of_once_and_held_against_for_a_while(ahead: timedelta) -> None:
    watch = ClockWatch(reading(0))
    assert watch.jump(reading(10, ahead)) == ahead
    watch = watch.after(reading(10, ahead))
    assert watch.holds
    assert not watch.jump(reading(20, ahead))
    assert watch.after(reading(HOLD_SECONDS, ahead)).holds
    assert not watch.after(reading(HOLD_SECONDS + 10, ahead)).holds


def test_jumping_back_and_forth_begins_the_wait_anew() -> None:
    watch = ClockWatch(reading(0)).after(reading(10, timedelta(days=1)))
    watch = watch.after(reading(500))
    assert watch.after(reading(HOLD_SECONDS + 10)).holds
