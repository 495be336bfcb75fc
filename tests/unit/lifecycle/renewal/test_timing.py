"""When a certificate is renewed: by its authority's word, by its lifetime, and never in a storm."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.authorities.authority import RenewalWindow
from certwright.lifecycle.renewal.hours import parse_hours
from certwright.lifecycle.renewal.timing import (
    Moment,
    QuietHours,
    floor_between,
    outside,
    renewal_moment,
    retry_delay,
)
from certwright.x509.certificate import Certificate

from ...foreign_authority import ForeignAuthority

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
COMPANY = ForeignAuthority(NOW - timedelta(days=100))


def certificate(lifetime: timedelta) -> Certificate:
    return COMPANY.issue(["todd.corp.example"], not_before=NOW, not_after=NOW + lifetime).leaf


def share(moment: datetime, lifetime: timedelta) -> float:
    return (moment - NOW) / lifetime


@pytest.mark.parametrize("days", [10, 47, 90, 398])
def test_at_about_two_thirds_of_the_lifetime(days: int) -> None:
    lifetime = timedelta(days=days)
    moment = renewal_moment(certificate(lifetime))
    assert 0.64 <= share(moment.at, lifetime) <= 0.69
    assert "two thirds" in moment.reason


@pytest.mark.parametrize("lifetime", [timedelta(days=6), timedelta(hours=1), timedelta(minutes=3)])
def test_at_about_half_of_a_short_one(lifetime: timedelta) -> None:
    moment = renewal_moment(certificate(lifetime))
    assert 0.47 <= share(moment.at, lifetime) <= 0.53


def test_certificates_of_one_moment_are_spread_and_each_keeps_its_moment() -> None:
    many = [certificate(timedelta(days=90)) for _ in range(8)]
    moments = {renewal_moment(one).at for one in many}
    assert len(moments) == len(many)
    assert moments == {renewal_moment(one).at for one in many}


def window(start: timedelta, end: timedelta) -> RenewalWindow:
    return RenewalWindow(NOW + start, NOW + end, NOW, "https://ca.example/why")


def test_the_authoritys_window_goes_first() -> None:
    suggested = window(timedelta(days=3), timedelta(days=4))
    moment = renewal_moment(certificate(timedelta(days=90)), suggested)
    assert suggested.start <= moment.at < suggested.end
    assert "https://ca.example/why" in moment.reason


def test_a_window_in_the_past_is_due_at_once() -> None:
    # RFC 9773 4.2: "If the selected time is in the past, attempt renewal immediately."
    suggested = window(timedelta(days=-3), timedelta(days=-2))
    assert renewal_moment(certificate(timedelta(days=90)), suggested).at < NOW


@pytest.mark.parametrize("start", [timedelta(days=89), timedelta(days=400)])
def test_a_window_that_leaves_no_time_does_not_count(start: timedelta) -> None:
    lifetime = timedelta(days=90)
    suggested = window(start, start + timedelta(days=1))
    assert share(renewal_moment(certificate(lifetime), suggested).at, lifetime) < 0.7


def test_a_window_that_ends_late_is_cut() -> None:
    lifetime = timedelta(days=90)
    suggested = window(timedelta(days=80), timedelta(days=4000))
    assert share(renewal_moment(certificate(lifetime), suggested).at, lifetime) <= 0.9


def moment_outside(hours: str, lifetime: timedelta) -> Moment:
    """When a certificate is renewed with these quiet hours."""
    one = certificate(lifetime)
    return outside(QuietHours(parse_hours(hours), UTC), renewal_moment(one), one.not_after)


def test_quiet_hours_put_it_off_to_their_end() -> None:
    for _ in range(6):
        moment = moment_outside("06:00-20:00", timedelta(days=47))
        assert not parse_hours("06:00-20:00").contains(moment.at, UTC)


def test_quiet_hours_that_leave_too_little_time_do_not_count() -> None:
    lifetime = timedelta(hours=4)
    moment = moment_outside("00:00-23:00", lifetime)
    assert share(moment.at, lifetime) < 0.6
    assert "too little time" in moment.reason


def test_quiet_hours_without_an_end_do_not_count() -> None:
    lifetime = timedelta(days=9)
    assert share(moment_outside("00:00-12:00, 12:00-24:00", lifetime).at, lifetime) < 0.6


LIFETIMES = st.timedeltas(timedelta(minutes=1), timedelta(days=400))


@given(LIFETIMES, st.integers(1, 200), st.floats(0, 1))
def test_trying_again_leaves_room_for_many_more_attempts(
    lifetime: timedelta, attempt: int, fraction: float
) -> None:
    delay = retry_delay(attempt, lifetime, fraction)
    assert timedelta(seconds=3) <= delay <= timedelta(hours=15)
    # A third of the lifetime is left when a renewal begins.
    assert delay <= max(lifetime / 24, timedelta(seconds=12.5))


def test_each_wait_is_longer_than_the_one_before_until_the_longest() -> None:
    waits = [retry_delay(number, timedelta(days=90), 0.5) for number in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=10)
    assert waits[-1] == timedelta(hours=12)


@given(LIFETIMES)
def test_the_floor_never_keeps_a_due_renewal_waiting(lifetime: timedelta) -> None:
    assert floor_between(lifetime) <= lifetime / 4
    assert floor_between(timedelta(days=90)) == timedelta(hours=1)
