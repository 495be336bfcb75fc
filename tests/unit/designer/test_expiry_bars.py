"""The picture of what expires when."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from certwright.designer.expiry_bars import BARS, HEIGHT, compact, draw_expiries, horizon
from certwright.designer.manager_address import read_query
from certwright.stores.expiries import Expiries
from certwright.stores.listing_query import ListingQuery

TODAY = date(2026, 11, 25)


def expiries(on: dict[int, int], before: int = 0, after: int = 0) -> Expiries:
    """`on` by days from today."""
    days = {TODAY + timedelta(days=day): number for day, number in on.items()}
    return Expiries(TODAY, horizon(TODAY), days, before, after)


def led_to(address: str) -> ListingQuery:
    return read_query(dict(parse_qsl(urlsplit(address).query)))


def test_nothing_to_draw() -> None:
    assert draw_expiries(expiries({})) is None


def test_horizon_is_a_year_of_months() -> None:
    assert horizon(TODAY) == date(2027, 10, 31)
    assert horizon(date(2027, 1, 31)) == date(2027, 12, 31)


def test_what_expires_soon_is_drawn_by_week() -> None:
    drawn = draw_expiries(expiries({0: 2, 47: 1}, after=3))
    assert drawn is not None
    assert drawn.name == "Certificates that expire, by week"
    first = drawn.bars[0]
    assert (first.period.label, first.period.more) == ("23", "Nov")
    assert first.title == "Week from 23 Nov 2026: 2 certificates expire"
    assert [bar.number for bar in drawn.bars if bar.number] == [2, 1]
    assert (drawn.soon.number, drawn.later.number) == (2, 3)
    assert drawn.later.text == "expire after 14 Feb 2027"


def test_a_year_is_drawn_by_month() -> None:
    drawn = draw_expiries(expiries({3: 5, 30: 40, 300: 10}, before=7))
    assert drawn is not None
    assert [bar.period.label for bar in drawn.bars[:3]] == ["Nov", "Dec", "Jan"]
    assert [bar.period.more for bar in drawn.bars[:3]] == ["2026", "", "2027"]
    assert [bar.number for bar in drawn.bars] == [5, 40, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0]
    assert (drawn.bars[1].top, drawn.bars[1].height) == (0, HEIGHT)
    assert drawn.expired.number == 7


def test_bar_leads_to_just_what_it_counts() -> None:
    drawn = draw_expiries(expiries({3: 5, 300: 1}, before=7, after=2))
    assert drawn is not None
    now, december = (led_to(bar.address) for bar in drawn.bars[:2])
    assert now.expires_from == datetime(2026, 11, 25, tzinfo=UTC)
    assert now.expires_before == december.expires_from == datetime(2026, 12, 1, tzinfo=UTC)
    assert (now.place, now.archived) == (None, None)
    assert led_to(drawn.expired.address).expires_before == now.expires_from
    assert led_to(drawn.later.address).expires_from == datetime(2027, 11, 1, tzinfo=UTC)


def test_one_is_no_plural() -> None:
    drawn = draw_expiries(expiries({3: 1}, after=1))
    assert drawn is not None
    assert drawn.bars[0].title.endswith(": 1 certificate expires")
    assert drawn.soon.text == "expires within 30 days"


def test_numbers_have_four_characters_at_most() -> None:
    numbers = (0, 999, 1000, 1234, 9949, 9950, 98_211, 999_400, 1_000_000, 12_345_678)
    assert [compact(number) for number in numbers] == [
        *("0", "999", "1.0k", "1.2k", "9.9k", "10k", "98k", "999k", "1.0M", "12M")
    ]


@given(
    st.dates(date(2000, 1, 1), date(2200, 1, 1)),
    st.dictionaries(st.integers(0, 330), st.integers(1, 10**7)),
    st.integers(0, 10**7),
    st.integers(0, 10**7),
)
def test_nothing_is_lost_or_drawn_outside(
    today: date, on: dict[int, int], before: int, after: int
) -> None:
    days = {today + timedelta(days=day): number for day, number in on.items()}
    drawn = draw_expiries(Expiries(today, horizon(today), days, before, after))
    if drawn is None:
        assert before + len(on) + after == 0
        return
    assert len(drawn.bars) == BARS
    counted = sum(bar.number for bar in drawn.bars)
    assert drawn.expired.number + counted + drawn.later.number == before + sum(on.values()) + after
    for bar in drawn.bars:
        assert 0 <= bar.x < bar.middle < bar.x + bar.width <= 100
        assert bar.top + bar.height == HEIGHT
        assert bool(bar.height) == bool(bar.number)
        assert len(bar.shown) <= 4
