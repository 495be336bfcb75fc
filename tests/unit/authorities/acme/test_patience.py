"""Waiting here for a while, and then by asking again later."""

from datetime import UTC, datetime, timedelta

import pytest

from certwright.authorities.acme.patience import NotYet, Patience

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def patience(self, seconds: float) -> Patience:
        length = timedelta(seconds=seconds)
        return Patience(lambda: self.now, self.sleep, length, timedelta(seconds=1))


def test_it_looks_less_and_less_often_until_it_gives_up_for_now() -> None:
    time = Time()
    patience = time.patience(300)

    def for_ever() -> None:
        while True:
            patience.wait(None, "still working")

    with pytest.raises(NotYet, match="still working") as not_yet:
        for_ever()
    assert time.slept[:3] == [1, 1.5, 2.25]
    assert time.slept[-1] == 15
    assert sum(time.slept) <= 300
    assert not_yet.value.again_at > NOW + timedelta(seconds=300)


def test_it_waits_as_long_as_the_server_wants() -> None:
    time = Time()
    time.patience(60).wait("7", "")
    assert time.slept == [7]


def test_a_longer_wait_than_there_is_patience_for_is_said_at_once() -> None:
    time = Time()
    with pytest.raises(NotYet) as not_yet:
        time.patience(60).wait("3600", "")
    assert time.slept == []
    assert not_yet.value.again_at == NOW + timedelta(hours=1)


def test_a_server_cannot_put_off_for_more_than_a_day() -> None:
    with pytest.raises(NotYet) as not_yet:
        Time().patience(60).wait("99999999", "")
    assert not_yet.value.again_at == NOW + timedelta(days=1)


def test_slow_answers_use_the_time_up_too_until_it_begins_anew() -> None:
    time = Time()
    patience = time.patience(60)
    time.sleep(119)
    patience.endure()
    time.sleep(2)
    with pytest.raises(NotYet, match="very slowly") as not_yet:
        patience.endure()
    assert not_yet.value.again_at == time.now + timedelta(minutes=1)
    patience.renew()
    patience.endure()
