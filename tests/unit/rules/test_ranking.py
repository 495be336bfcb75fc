from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from certwright.rules.engine import is_right
from certwright.rules.finding import Finding, Severity
from certwright.rules.ranking import rank

START = datetime(2026, 11, 24, tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    name: int
    severities: tuple[Severity, ...]
    days: int
    is_self_signed: bool = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(Finding("x", severity, "", "", "") for severity in self.severities)

    @property
    def not_after(self) -> datetime:
        return START + timedelta(self.days)


items = st.lists(
    st.builds(
        Item,
        st.integers(),
        st.lists(st.sampled_from(Severity), max_size=4).map(tuple),
        st.integers(min_value=0, max_value=3),
    )
)


def ranked(given_items: list[Item]) -> tuple[Item, ...]:
    return rank(
        given_items,
        findings=lambda one: one.findings,
        is_self_signed=lambda one: one.is_self_signed,
        not_after=lambda one: one.not_after,
    )


def test_order() -> None:
    error, warning, notice = Severity
    best_first = [
        Item(1, (), 90),
        Item(2, (), 10),
        Item(9, (), 365, is_self_signed=True),
        Item(3, (notice, notice), 90),
        Item(4, (warning,), 90),
        Item(5, (warning, notice), 90),
        Item(6, (error,), 90),
        Item(7, (error,), 10),
        Item(8, (error, error), 90),
    ]
    assert ranked(best_first[::-1]) == tuple(best_first)


@given(items)
def test_right_ones_come_first_and_none_is_lost(given_items: list[Item]) -> None:
    result = ranked(given_items)
    assert sorted(result, key=repr) == sorted(given_items, key=repr)
    rightness = [is_right(item.findings) for item in result]
    assert rightness == sorted(rightness, reverse=True)


@given(items)
def test_alike_ones_stay_in_order(given_items: list[Item]) -> None:
    assert ranked(list(ranked(given_items))) == ranked(given_items)
    same = [Item(name, (), 1) for name, _ in enumerate(given_items)]
    assert ranked(same) == tuple(same)
