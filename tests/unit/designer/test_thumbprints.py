"""Thumbprints in groups of four."""

from hypothesis import given
from hypothesis import strategies as st

from certwright.designer.thumbprints import grouped, shortened

THUMBPRINT = "720E95B9F66665120000000000000000000000A1"


def test_groups_of_four_in_lower_case() -> None:
    assert grouped(THUMBPRINT) == "720e 95b9 f666 6512 0000 0000 0000 0000 0000 00a1"
    assert shortened(THUMBPRINT) == "720e 95b9 …"


@given(st.text("0123456789abcdef", max_size=64))
def test_nothing_is_lost(digits: str) -> None:
    assert grouped(digits).replace(" ", "") == digits
