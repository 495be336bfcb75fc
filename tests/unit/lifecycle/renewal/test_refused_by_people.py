"""A request that somebody refused: a no is heard once, and the renewal rests."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from certwright.access.rights import Caller
from certwright.authorities.by_hand_requests import waiting_requests
from certwright.database.tables import events, private_keys
from certwright.lifecycle.authorities import refuse_request
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.alarm import sound_alarms
from certwright.lifecycle.renewal.asking import renew
from certwright.lifecycle.renewal.beginning import begin_due
from certwright.lifecycle.renewal.due import Outlook, plans
from certwright.lifecycle.renewal.record import Renewal, RenewalState
from certwright.lifecycle.renewal.story import next_of
from certwright.lifecycle.server import Server
from certwright.services.endpoints import OwnEndpoint

from ...composed_server import Clock
from ..conftest import served_at
from .conftest import SURROUNDINGS

BECAUSE = "that server is not ours"


def words(server: Server, kind: str) -> list[str]:
    with server.database.connect() as connection:
        return list(connection.scalars(select(events.c.message).where(events.c.kind == kind)))


def asked(server: Server) -> list[str]:
    with server.database.connect() as connection:
        return [one.id for one in waiting_requests(connection)]


@pytest.fixture
def refused(serving: Server, waiting: Renewal, admin: Caller) -> Renewal:
    """A renewal whose request was refused."""
    assert waiting.waits_for_answer
    (request,) = asked(serving)
    refuse_request(serving, request, BECAUSE, caller=admin)
    return advance(serving, waiting.id, SURROUNDINGS)


def test_it_ends_with_the_words_of_whoever_refused_and_leaves_nothing(
    serving: Server, refused: Renewal, clock: Clock
) -> None:
    assert refused.state is RenewalState.DECLINED
    assert refused.finished_at == clock()
    assert f"was refused: {BECAUSE}" in refused.sentence
    assert next_of(refused).sentence.startswith("It was declined")
    (told,) = words(serving, "renewal-refused")
    assert told.startswith(f"Renewal {refused.id} for todd.corp.example ends. No certificate from")
    with serving.database.connect() as connection:
        keys = connection.scalars(select(private_keys.c.key_fingerprint)).all()
    assert refused.key_fingerprint not in keys


def test_nobody_is_asked_again_by_itself_and_the_alarm_says_why(
    serving: Server, refused: Renewal, clock: Clock
) -> None:
    for _ in range(20):
        clock.move(timedelta(days=2))
        assert begin_due(serving, None) == ()
        assert advance(serving, refused.id, SURROUNDINGS) == refused
        sound_alarms(serving)
    assert asked(serving) == []
    assert len(words(serving, "renewal-refused")) == 1
    with serving.database.connect() as connection:
        (plan,) = plans(serving, connection, None)
    assert plan.outlook is Outlook.DECLINED
    alarms = words(serving, "expiry-alarm")
    assert alarms
    for alarm in alarms:
        assert f"It is not renewed by itself. {refused.sentence} Begin one:" in alarm


def test_it_is_asked_for_anew_when_somebody_wants_it(
    serving: Server, refused: Renewal, admin: Caller
) -> None:
    served = served_at(serving, OwnEndpoint.WEB_SERVER).fingerprint
    again = renew(serving, served, caller=admin, authority="team")
    assert again.id != refused.id
    assert advance(serving, again.id, SURROUNDINGS).waits_for_answer
    assert len(asked(serving)) == 1


def test_what_another_node_took_over_ends_as_well(
    serving: Server, refused: Renewal, admin: Caller
) -> None:
    served = served_at(serving, OwnEndpoint.WEB_SERVER).fingerprint
    begun = renew(serving, served, caller=admin, authority="team")
    advance(serving, begun.id, SURROUNDINGS)
    refuse_request(serving, asked(serving)[0], BECAUSE, caller=admin)
    elsewhere = replace(serving, node="other-1")
    assert advance(elsewhere, begun.id, SURROUNDINGS).state is RenewalState.DECLINED
