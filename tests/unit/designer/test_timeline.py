"""Where the time line's bars and ticks stand."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from certwright.designer.timeline import Validity, draw_timeline

NOW = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)


def validity(before: int, after: int) -> Validity:
    """Good from so many days before now until so many days after it."""
    return Validity("Web Server", "good", NOW - timedelta(before), NOW + timedelta(after))


def test_nothing_to_draw() -> None:
    assert draw_timeline([], NOW) is None


def test_bar_ends_before_the_edge_and_today_is_near_the_start() -> None:
    timeline = draw_timeline([validity(1, 47)], NOW)
    assert timeline is not None
    (lane,) = timeline.lanes
    assert 5 < timeline.today < 10
    assert timeline.today < lane.end < 100
    assert lane.label == "9 Jan 2027"
    assert not lane.has_room_beside
    assert [tick.label for tick in timeline.ticks] == ["Dec 2026", "Jan 2027"]
    assert timeline.description == "Web Server good until 9 Jan 2027"


def test_short_bar_has_room_for_its_date() -> None:
    timeline = draw_timeline([validity(1, 10), validity(1, 100)], NOW)
    assert timeline is not None
    assert [lane.has_room_beside for lane in timeline.lanes] == [True, False]


def test_expired_bar_can_still_be_seen() -> None:
    timeline = draw_timeline([validity(400, -300)], NOW)
    assert timeline is not None
    assert timeline.lanes[0].width >= 1


def test_of_very_many_the_first_to_run_out_are_drawn_in_their_order() -> None:
    validities = [validity(1, 100 - number) for number in range(40)]
    timeline = draw_timeline(validities, NOW)
    assert timeline is not None
    assert timeline.total == 40
    drawn = [lane.end for lane in timeline.lanes]
    assert len(drawn) == 12
    assert drawn == sorted(drawn, reverse=True)
    whole = draw_timeline(validities[-12:], NOW)
    assert whole is not None
    assert whole.lanes == timeline.lanes


@given(
    st.lists(
        st.tuples(st.integers(0, 20_000), st.integers(-20_000, 2_912_000)).map(
            lambda days: validity(days[0], max(days[1], -days[0]))
        ),
        min_size=1,
        max_size=4,
    )
)
def test_everything_stays_within_the_drawing(validities: list[Validity]) -> None:
    timeline = draw_timeline(validities, NOW)
    assert timeline is not None
    assert 0 < timeline.today < 100
    assert len(timeline.ticks) <= 4
    for lane in timeline.lanes:
        assert 0 <= lane.start <= lane.end <= 100
        assert lane.top < timeline.height
    for tick in timeline.ticks:
        assert 0 <= tick.position <= 100
