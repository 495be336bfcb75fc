"""Authorities are asked when to renew, as often as they want and no oftener."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from certwright.authorities.authority import IssuanceFailed, RenewalWindow
from certwright.authorities.records import AuthorityKind
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.renewal.due import plans
from certwright.lifecycle.renewal.suggestions import ask_authorities
from certwright.lifecycle.server import Server
from certwright.x509.certificate import Certificate

from ...composed_server import Clock
from .scripted_authority import ScriptedAuthority, with_authority

HOUR = timedelta(hours=1)


@dataclass
class Advising(ScriptedAuthority):
    """Says when to renew, or fails, as `advise` does; `asked` is when it was asked."""

    advise: Callable[[datetime], RenewalWindow | None] = lambda _: None
    asked: list[datetime] = field(default_factory=list)

    def renewal_window(self, _certificate: Certificate, now: datetime) -> RenewalWindow | None:
        self.asked.append(now)
        return self.advise(now)


def ask_for(server: Server, clock: Clock, hours: int) -> None:
    """Ask each ten minutes, as the worker does each minute."""
    for _ in range(6 * hours):
        ask_authorities(server)
        clock.move(HOUR / 6)


def suggested(now: datetime) -> RenewalWindow:
    return RenewalWindow(now + timedelta(days=9), now + timedelta(days=10), now + 2 * HOUR)


def planned(server: Server) -> datetime:
    with server.database.connect() as connection:
        (plan,) = plans(server, connection, None)
    return plan.moment.at


def test_its_window_counts_and_it_is_asked_again_when_it_says(
    serving: Server, clock: Clock
) -> None:
    authority = Advising([], advise=suggested)
    ask_for(with_authority(serving, authority), clock, 4)
    assert len(authority.asked) == 2
    assert timedelta(days=8) < planned(serving) - clock() < timedelta(days=11)


def test_one_that_has_no_advice_is_asked_again_after_six_hours(
    serving: Server, clock: Clock
) -> None:
    authority = Advising([])
    ask_for(with_authority(serving, authority), clock, 13)
    assert [later - authority.asked[0] for later in authority.asked] == [
        0 * HOUR,
        6 * HOUR,
        12 * HOUR,
    ]


def test_one_that_fails_is_left_alone_as_long_as_it_says_and_its_window_still_counts(
    serving: Server, clock: Clock
) -> None:
    def limited(now: datetime) -> RenewalWindow:
        raise IssuanceFailed("Too many requests.", "Wait.", again_at=now + 5 * HOUR)

    ask_authorities(with_authority(serving, Advising([], advise=suggested)))
    before = planned(serving)
    clock.move(2 * HOUR)
    authority = Advising([], advise=limited)
    ask_for(with_authority(serving, authority), clock, 6)
    assert authority.asked == [authority.asked[0] + n * HOUR for n in (0, 5)]
    assert planned(serving) == before


def test_one_that_cannot_even_be_opened_is_asked_an_hour_later(
    serving: Server, clock: Clock
) -> None:
    opened: list[datetime] = []

    def forbidden(_: object) -> Advising:
        opened.append(clock())
        raise CertwrightError(ErrorCode.NOT_PERMITTED, "This node may not run it.", "Allow it.")

    makers = {**serving.authorities.makers, AuthorityKind.INTERNAL: forbidden}
    broken = replace(serving, authorities=replace(serving.authorities, makers=makers))
    ask_for(broken, clock, 2)
    assert len(opened) == 2
