"""Dates as people say them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.designer.dates import (
    ago_text,
    clock_text,
    date_text,
    distance_text,
    minute_text,
    until_text,
)

NOW = datetime(2026, 11, 23, 9, 14, 30, tzinfo=UTC)
MOMENTS = st.integers(-20_000 * 86400, 2_912_000 * 86400).map(
    lambda seconds: NOW + timedelta(seconds=seconds)
)


def test_expiry_is_absolute_and_relative() -> None:
    assert until_text(datetime(2027, 1, 9, 12, tzinfo=UTC), NOW) == "9 Jan 2027 (47 days)"


def test_expired_says_so() -> None:
    moment = datetime(2026, 5, 3, tzinfo=UTC)
    assert until_text(moment, NOW) == "3 May 2026 (expired 6 months ago)"


@pytest.mark.parametrize(
    ("ahead", "text"),
    [
        (timedelta(seconds=10), "1 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=120), "120 days"),
        (timedelta(days=200), "6 months"),
        (timedelta(days=3650), "10 years"),
    ],
)
def test_distance_uses_the_unit_that_reads_best(ahead: timedelta, text: str) -> None:
    assert distance_text(NOW + ahead, NOW) == text
    assert distance_text(NOW - ahead, NOW) == f"{text} ago"


def test_clock_tells_the_day_only_if_it_was_another() -> None:
    assert clock_text(NOW, NOW) == "09:14"
    assert clock_text(NOW - timedelta(days=1), NOW) == "22 Nov 2026, 09:14"


def test_an_hour_to_come_is_told_however_far_away() -> None:
    assert minute_text(NOW + timedelta(hours=1), NOW) == "today, 10:14"
    assert minute_text(NOW + timedelta(days=3), NOW) == "26 Nov, 09:14"


def test_what_is_just_over_was_just_now_even_if_another_clock_runs_ahead() -> None:
    assert ago_text(NOW - timedelta(seconds=59), NOW) == "just now"
    assert ago_text(NOW + timedelta(seconds=3), NOW) == "just now"
    assert ago_text(NOW - timedelta(minutes=2), NOW) == "2 min ago"


@given(MOMENTS, MOMENTS)
def test_every_moment_can_be_told(moment: datetime, now: datetime) -> None:
    assert date_text(moment) in until_text(moment, now)
    assert ("expired" in until_text(moment, now)) == (moment < now)
    assert distance_text(moment, now).endswith("ago") == (moment < now)


def test_time_zones_do_not_matter_for_distances() -> None:
    elsewhere = (NOW + timedelta(days=3)).astimezone(timezone(timedelta(hours=9)))
    assert distance_text(elsewhere, NOW) == "3 days"
