"""Hours of the week, over midnight, over the end of a week, and over changes of summer time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.renewal.hours import Hours, parse_hours

BERLIN = ZoneInfo("Europe/Berlin")
TEXTS = (
    "22:00-04:00",
    "Sun 02:00-04:00",
    "Mon-Fri 08:00-18:00, Sat 08:00-12:00",
    "Fri-Mon 0:00-24:00",
)
START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=365)).map(lambda later: START + later)
HOURS = st.sampled_from(TEXTS).map(parse_hours)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "moment", "inside"),
    [
        ("22:00-04:00", "2026-11-25 22:00", True),
        ("22:00-04:00", "2026-11-25 03:59", True),
        ("22:00-04:00", "2026-11-25 04:00", False),
        ("Sun 02:00-04:00", "2026-11-29 02:30", True),
        ("Sun 02:00-04:00", "2026-11-28 02:30", False),
        ("Sat 22:00-02:00", "2026-11-29 01:00", True),
        ("Fri-Mon 00:00-24:00", "2026-11-26 23:59", False),
        ("Fri-Mon 00:00-24:00", "2026-11-30 23:59", True),
        ("mon-fri 8:00-18:00, sat 8:00-12:00", "2026-11-28 11:00", True),
    ],
)
def test_a_moment_lies_within_or_not(text: str, moment: str, inside: bool) -> None:
    assert parse_hours(text).contains(at(moment), BERLIN) is inside


def test_the_next_window_is_the_nearest_one() -> None:
    window = parse_hours("Sun 02:00-04:00")
    assert window.next_inside(at("2026-11-25 12:00"), BERLIN) == at("2026-11-29 02:00")
    assert window.next_inside(at("2026-11-29 05:00"), BERLIN) == at("2026-12-06 02:00")


@pytest.mark.parametrize("text", ["Sun 02:00-03:00", "Sun 02:30-03:00"])
def test_a_window_that_summer_time_swallows_opens_a_week_later(text: str) -> None:
    window = parse_hours(text)
    start = text[4:9]
    for moment in ("2027-03-22 12:00", "2027-03-28 01:59", "2027-03-28 03:00"):
        opens = window.next_inside(at(moment), BERLIN)
        assert (opens, window.contains(opens, BERLIN)) == (at(f"2027-04-04 {start}"), True)


def test_spans_that_touch_are_one() -> None:
    hours = parse_hours("08:00-12:00, 12:00-18:00")
    assert hours.next_outside(at("2026-11-25 09:00"), BERLIN) == at("2026-11-25 18:00")


def test_a_night_with_the_end_of_summer_time_is_an_hour_longer() -> None:
    hours = parse_hours("22:00-04:00")
    start, end = at("2026-10-24 22:00"), hours.next_outside(at("2026-10-24 22:00"), BERLIN)
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=7)


@given(HOURS, MOMENTS)
def test_what_comes_next_is_inside_and_not_in_the_past(hours: Hours, moment: datetime) -> None:
    inside = hours.next_inside(moment, BERLIN)
    assert inside >= moment
    assert hours.contains(inside, BERLIN)
    assert inside - moment < timedelta(days=8)


@given(HOURS, MOMENTS)
def test_the_end_of_the_hours_is_outside(hours: Hours, moment: datetime) -> None:
    outside = hours.next_outside(moment, BERLIN)
    assert outside >= moment
    assert not hours.contains(outside, BERLIN)


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_written_is_read_as_the_same(text: str) -> None:
    hours = parse_hours(text)
    assert parse_hours(hours.text) == hours


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "25:00-26:00",
        "08:00-08:00",
        "Xyz 08:00-09:00",
        "08:00",
        "8-18",
        "\x1b",
        "9:00-10:00," * 30,
    ],
)
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(CertwrightError) as refused:
        parse_hours(text)
    assert refused.value.code is ErrorCode.INVALID_INPUT


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    try:
        hours = parse_hours(text)
    except CertwrightError:
        return
    assert parse_hours(hours.text) == hours
