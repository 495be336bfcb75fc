"""Which days of the calendar hold what."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.designer.calendar_entries import entries_of_ended, entries_of_plan
from certwright.designer.calendar_months import (
    Entry,
    Kind,
    Month,
    draw_months,
    moments_of,
    month_after,
)
from certwright.lifecycle.renewal.due import Outlook
from certwright.lifecycle.renewal.record import Renewal, RenewalState

from .renewal_records import NOW, asking, certificate, plan, renewal

NOVEMBER = date(2026, 11, 1)
START, END = moments_of(NOVEMBER, 3)


def entries(days: float, outlook: Outlook = Outlook.PLANNED) -> list[Entry]:
    served = certificate(days)
    planned = plan(served, outlook=outlook, days=days * 2 / 3)
    return list(entries_of_plan(planned, START, END, NOW))


def told(found: list[Entry], kind: Kind) -> list[str]:
    return [f"{one.at:%d %b}" for one in found if one.kind is kind]


def days_with(months: tuple[Month, ...]) -> dict[date, int]:
    return {
        day.date: len(day.entries)
        for month in months
        for week in month.weeks
        for day in week
        if day is not None and day.entries
    }


def test_one_of_47_days_is_renewed_once_and_runs_out_after() -> None:
    found = entries(47)
    assert told(found, Kind.PLANNED) == ["25 Dec"]
    assert told(found, Kind.EXPIRY) == ["10 Jan"]
    assert told(found, Kind.EXPECTED) == ["26 Jan"] or told(found, Kind.EXPECTED) == ["25 Jan"]


def test_one_of_six_days_is_expected_every_third_day() -> None:
    found = entries(6)
    expected = [one.at for one in found if one.kind is Kind.EXPECTED]
    assert 19 <= len(expected) <= 24
    hours = [(after - before) / timedelta(hours=1) for before, after in pairwise(expected)]
    assert all(66 <= one <= 78 for one in hours)


def test_one_of_an_hour_is_told_once_a_day() -> None:
    found = [one for one in entries(1 / 24) if one.kind is Kind.EXPECTED]
    assert len({one.at.date() for one in found}) == len(found)
    assert len(found) <= 92
    assert "several times" in found[0].text


@pytest.mark.parametrize("outlook", [Outlook.NOBODY, Outlook.HELD])
def test_what_nobody_renews_only_runs_out(outlook: Outlook) -> None:
    assert {one.kind for one in entries(47, outlook)} == {Kind.EXPIRY}


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (asking(), "Waits for your answer"),
        (renewal(RenewalState.WAITING), "Waits for the signed answer"),
    ],
)
def test_what_waits_for_people_stands_on_today_without_an_hour_and_leads_to_its_story(
    one: Renewal, state: str
) -> None:
    at_work = plan(certificate(), outlook=Outlook.AT_WORK, days=-1, renewal=one)
    first = next(entries_of_plan(at_work, START, END, NOW))
    assert (first.text, first.address) == (f"{state}: Web Server", "/renewals/7")
    assert (first.at, first.time) == (NOW, "")


def test_what_is_over_stands_on_the_day_it_ended() -> None:
    done = renewal(RenewalState.DONE, finished_at=NOW)
    declined = replace(done, state=RenewalState.DECLINED)
    found = list(entries_of_ended([done, declined], [], NOW))
    assert [one.kind for one in found] == [Kind.RENEWED, Kind.ENDED]
    assert found[0].text == "Done: todd.corp.example"


def test_weeks_begin_on_monday_and_today_is_marked() -> None:
    (month,) = draw_months([], NOVEMBER, 1, NOW.date())
    assert month.name == "November 2026"
    assert month.is_empty
    assert [day is None for day in month.weeks[0]] == [True] * 6 + [False]
    days = [day for week in month.weeks for day in week if day is not None]
    assert len(days) == 30
    assert [day.name for day in days if day.is_today] == ["Tue 24 November"]


@pytest.mark.parametrize(("number", "shown", "folded"), [(3, 3, 0), (4, 4, 0), (30, 3, 27)])
def test_a_full_day_shows_a_few_and_unfolds_the_others(
    number: int, shown: int, folded: int
) -> None:
    many = [Entry(NOW, Kind.PLANNED, "09:00", f"Renewal: {n}", "/renewals") for n in range(number)]
    (month,) = draw_months(many, NOVEMBER, 1, NOW.date())
    day = next(day for week in month.weeks for day in week if day and day.entries)
    assert (len(day.shown), len(day.folded)) == (shown, folded)


@given(st.lists(st.datetimes(datetime(2026, 11, 1), datetime(2027, 1, 31)), max_size=40))  # noqa: DTZ001 - hypothesis wants them so
def test_every_entry_stands_on_its_day(moments: list[datetime]) -> None:
    given_entries = [
        Entry(one.replace(tzinfo=UTC), Kind.PLANNED, "", "Renewal", "/renewals") for one in moments
    ]
    shown = days_with(draw_months(given_entries, NOVEMBER, 3, NOW.date()))
    assert sum(shown.values()) == len(moments)
    assert set(shown) == {one.date() for one in moments}


def test_months_go_over_the_turn_of_the_year() -> None:
    assert month_after(NOVEMBER, 2) == date(2027, 1, 1)
    assert month_after(NOVEMBER, -11) == date(2025, 12, 1)
    assert [month.name for month in draw_months([], NOVEMBER, 3, NOW.date())] == [
        "November 2026",
        "December 2026",
        "January 2027",
    ]
