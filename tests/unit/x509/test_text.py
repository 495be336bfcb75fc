import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.x509.text import day, listed, printable

from .pki import AT


@given(st.text(max_size=3000))
def test_printable_text_is_printable_and_ends(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) <= 1025
    assert printable(shown[:1000]) == shown[:1000]


@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=1000))
def test_printable_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, ""), (1, "0"), (5, "0, 1, 2, 3, 4"), (7, "0, 1, 2, 3, 4 and 2 more")],
)
def test_list(count: int, expected: str) -> None:
    assert listed(tuple(str(number) for number in range(count))) == expected


def test_day() -> None:
    assert day(AT) == "24 November 2026"
