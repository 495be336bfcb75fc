"""A renewal whose request people sign: they are told of it once, with the commands for it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from certwright.access.rights import Caller
from certwright.authorities.answers import AnswerRefused
from certwright.authorities.by_hand_requests import ByHandRequest, waiting_requests
from certwright.database.tables import events
from certwright.errors import CertwrightError
from certwright.lifecycle.authorities import answer_request
from certwright.lifecycle.endpoint_health import Health
from certwright.lifecycle.overview import overview
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.deciding import go_on_now
from certwright.lifecycle.renewal.record import Renewal, RenewalState
from certwright.lifecycle.server import Server
from certwright.stores.database import find_certificate

from ...composed_server import Clock
from ...foreign_authority import ForeignAuthority
from .conftest import SURROUNDINGS


def requests(server: Server) -> tuple[ByHandRequest, ...]:
    with server.database.connect() as connection:
        return waiting_requests(connection)


def told(server: Server) -> list[str]:
    chosen = select(events.c.message).where(events.c.kind == "request-waits")
    with server.database.connect() as connection:
        return list(connection.scalars(chosen))


def test_people_are_told_once_what_to_run(
    serving: Server, waiting: Renewal, admin: Caller, clock: Clock
) -> None:
    for _ in range(3):
        clock.move(timedelta(days=1))
        again = advance(serving, waiting.id, SURROUNDINGS)
        assert again.steps == waiting.steps  # with the moment since when it waits
    go_on_now(serving, waiting.id, caller=admin)
    assert advance(serving, waiting.id, SURROUNDINGS).waits_for_answer
    (request,) = requests(serving)
    assert told(serving) == [
        f"Renewal {waiting.id} for todd.corp.example waits for a signature by hand. Write what is "
        f"to be signed into a file: certwright authorities requests {request.id} --out FILE, then "
        "bring the answer: certwright authorities answer team FILE"
    ]


def test_what_is_served_meanwhile_needs_attention_and_is_not_called_left_alone(
    serving: Server, waiting: Renewal
) -> None:
    seen = overview(serving)
    assert (waiting.waits_for_answer, seen.health) == (True, Health.ATTENTION)
    assert seen.sentence.endswith(" days). Its renewal waits for the signed answer.")


def test_what_the_renewal_would_refuse_is_refused_when_it_is_brought(
    serving: Server, waiting: Renewal, admin: Caller
) -> None:
    (request,) = requests(serving)
    names = [name.value for name in request.wanted.names]
    company = ForeignAuthority(serving.now())
    wrong = company.sign(request.wanted.public_key, ["other.corp.example", *names])
    with pytest.raises(AnswerRefused, match="Common Name") as refused:
        answer_request(serving, "team", wrong.pem.encode(), None, caller=admin)
    assert f"The request {request.id} still waits." in refused.value.remedy
    assert requests(serving) == (request,)
    right = company.sign(request.wanted.public_key, names)
    answer_request(serving, "team", right.pem.encode(), None, caller=admin)
    with serving.database.connect() as connection, pytest.raises(CertwrightError):
        find_certificate(connection, right.fingerprint)
    advanced = advance(serving, waiting.id, SURROUNDINGS)
    assert (advanced.state, advanced.issued) == (RenewalState.ASKING, right.fingerprint)
