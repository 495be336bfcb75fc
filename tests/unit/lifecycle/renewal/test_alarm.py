"""The alarm that needs nothing but a handshake and a clock."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from certwright.database.tables import events
from certwright.lifecycle.proving import prove_endpoint
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.alarm import Alarm, Served, alarm_for, sound_alarms, soundings
from certwright.lifecycle.server import Server
from certwright.lifecycle.switching import apply_choice
from certwright.services.endpoints import Choice, OwnEndpoint, WebServerProtocol
from certwright.x509.keys import private_key_to_pem

from ...composed_server import Clock
from ...foreign_authority import ForeignAuthority
from ...tls_front import TlsFront
from ..conftest import served_at
from .conftest import SURROUNDINGS, begin
from .scripted_authority import with_authority
from .test_advancing import refusing


@pytest.mark.parametrize(
    ("left", "alarm"),
    [
        (0.3, None),
        (0.24, Alarm.LATE),
        (0.09, Alarm.URGENT),
        (0, Alarm.EXPIRED),
        (-1, Alarm.EXPIRED),
    ],
)
def test_how_late_it_is(serving: Server, left: float, alarm: Alarm | None) -> None:
    served = served_at(serving, OwnEndpoint.WEB_SERVER)
    lifetime = served.not_after - served.not_before
    measured = Served(served.fingerprint, served.not_before, served.not_after)
    assert alarm_for(measured, served.not_after - left * lifetime) is alarm


@pytest.mark.parametrize(("begins", "alarm"), [(0, Alarm.URGENT), (1, Alarm.URGENT)])
def test_one_that_is_good_for_no_time_at_all_stops_no_alarm(begins: int, alarm: Alarm) -> None:
    end = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    odd = Served("ab" * 32, end + timedelta(seconds=begins), end)
    assert alarm_for(odd, end - timedelta(seconds=1)) is alarm
    assert alarm_for(odd, end) is Alarm.EXPIRED


def told(server: Server) -> list[str]:
    with server.database.connect() as connection:
        kinds = ("expiry-alarm", "certificate-expired")
        query = select(events.c.message).where(events.c.kind.in_(kinds))
        return list(connection.scalars(query.order_by(events.c.id)))


def test_it_sounds_once_for_each_degree_and_says_why(serving: Server, clock: Clock) -> None:
    sound_alarms(serving)
    assert told(serving) == []
    renewal = begin(serving)
    advance(with_authority(serving, refusing("The policy forbids todd.")), renewal, SURROUNDINGS)
    for days in (36, 1, 6, 1, 4, 1):
        clock.move(timedelta(days=days))
        sound_alarms(serving)
    messages = [message for message in told(serving) if "Web Server" in message]
    assert [message.partition("Web Server ")[2].split()[1] for message in messages] == [
        "runs",
        "runs",
        "ran",
    ]
    assert all("The policy forbids todd." in message for message in messages)


def test_a_renewal_ends_it(serving: Server, clock: Clock) -> None:
    clock.move(timedelta(days=38))
    sound_alarms(serving)
    assert len(told(serving)) == 2
    advance(serving, begin(serving), SURROUNDINGS)
    sound_alarms(serving)
    with serving.database.connect() as connection:
        assert soundings(serving, connection) == ()
    assert len(told(serving)) == 2


def test_it_believes_the_handshake_and_not_the_record(serving: Server, clock: Clock) -> None:
    # The record says that the new certificate is active; the server still shows the former one.
    former = served_at(serving, OwnEndpoint.WEB_SERVER)
    choice = Choice(WebServerProtocol.HTTPS, former.fingerprint)
    clock.move(timedelta(days=38))
    advance(serving, begin(serving), SURROUNDINGS)
    apply_choice(serving, OwnEndpoint.WEB_SERVER, choice)
    prove_endpoint(serving, OwnEndpoint.WEB_SERVER)
    sound_alarms(serving)
    (message,) = told(serving)
    assert "Web Server" in message


def test_it_measures_what_is_served_though_the_store_does_not_have_it(
    serving: Server, clock: Clock, front: TlsFront, company: ForeignAuthority
) -> None:
    # Put there by hand, and about to run out, while the record's own is good for weeks.
    by_hand = company.issue(["localhost"], not_after=clock() + timedelta(hours=1))
    chain = "".join(one.pem for one in (by_hand.leaf, *by_hand.chain))
    front.switch_certificate(OwnEndpoint.WEB_SERVER, chain, private_key_to_pem(by_hand.key))
    prove_endpoint(serving, OwnEndpoint.WEB_SERVER)
    sound_alarms(serving)
    (message,) = told(serving)
    assert "What the Web Server serves runs out on 24 November 2026" in message
    assert "It is not in the store, so nobody here renews it" in message
