"""Lengths of time as people write them."""

from datetime import timedelta

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.renewal.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("47d", timedelta(days=47)),
        ("12 h", timedelta(hours=12)),
        (" 3m ", timedelta(minutes=3)),
    ],
)
def test_a_length_is_read(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "0d", "d", "47", "-1d", "1w", "1.5h", "123456d", "٣d"])
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(CertwrightError) as refused:
        parse_duration(text)
    assert refused.value.code is ErrorCode.INVALID_INPUT
