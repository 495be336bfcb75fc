"""Retry-After, as seconds and as an HTTP date, from anybody."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.authorities.acme.retry_after import again_at, read_retry_after

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("Wed, 25 Nov 2026 12:10:00 GMT", 600),
        ("Wednesday, 25-Nov-26 12:10:00 GMT", 600),
        ("Wed Nov 25 12:10:00 2026", 600),
        ("Wed, 25 Nov 2026 11:00:00 GMT", 0),
    ],
)
def test_seconds_and_each_form_of_an_http_date_are_read(text: str, seconds: int) -> None:
    assert read_retry_after(text, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", [None, "", "soon", "-5", "1e3", "\u0663", "9" * 10, "9" * 70, "Wed, 99 Nov 2026"]
)
def test_what_is_neither_counts_as_nothing(text: str | None) -> None:
    assert read_retry_after(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", MINUTE),
        ("600", timedelta(minutes=10)),
        ("99999999", DAY),
        ("soon", HOUR),
        (None, HOUR),
    ],
)
def test_the_moment_stays_within_its_bounds(text: str | None, expected: timedelta) -> None:
    assert again_at(text, NOW, least=MINUTE, most=DAY, otherwise=HOUR) == NOW + expected


@given(st.text(max_size=80) | st.datetimes(timezones=st.just(UTC)).map(format_datetime))
def test_any_text_leads_to_a_moment_within_the_bounds(text: str) -> None:
    moment = again_at(text, NOW, least=MINUTE, most=DAY, otherwise=HOUR)
    assert NOW + MINUTE <= moment <= NOW + DAY
