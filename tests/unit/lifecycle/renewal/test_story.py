"""The story of a renewal, what comes next, and the one sentence for all of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from certwright.access.rights import Caller
from certwright.authorities.authority import IssuanceFailed, IssuedCertificate, Pending
from certwright.errors import CertwrightError
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.asking import renew, what_would_happen
from certwright.lifecycle.renewal.deciding import decline, go_on_now, postpone
from certwright.lifecycle.renewal.record import RenewalState, ended_renewals, unfinished_renewals
from certwright.lifecycle.renewal.story import (
    certificate_story,
    has_failed,
    next_of,
    story_of,
    words_of,
)
from certwright.lifecycle.renewal.summary import sentence_of
from certwright.lifecycle.server import Server
from certwright.services.endpoints import OwnEndpoint

from ...composed_server import Clock
from ..conftest import served_at
from .conftest import SURROUNDINGS, begin, recorded
from .scripted_authority import ScriptedAuthority, with_authority


def test_it_tells_the_steps_of_its_activations_among_its_own(
    serving: Server, renewal: int, clock: Clock
) -> None:
    advance(serving, renewal, SURROUNDINGS)
    with serving.database.connect() as connection:
        story = story_of(connection, renewal)
    assert story.renewal.state is RenewalState.DONE
    assert [step.at for step in story.steps] == sorted(step.at for step in story.steps)
    assert {step.endpoint for step in story.steps} == {None, *OwnEndpoint}
    assert "key" in {step.name for step in story.steps}
    assert all(step.ok for step in story.steps)


def test_there_is_no_story_of_a_number_that_there_is_none_of(serving: Server) -> None:
    with (
        serving.database.connect() as connection,
        pytest.raises(CertwrightError, match="There is no renewal 4711"),
    ):
        story_of(connection, 4711)


def sentence(server: Server) -> str:
    """The one for all renewals."""
    with server.database.connect() as connection:
        at_work = unfinished_renewals(connection)
    return sentence_of(what_would_happen(server), at_work)


def refuse(*_: object) -> IssuedCertificate:
    raise IssuanceFailed("The policy forbids todd.", "Ask the IT network team.")


def wait_for_people(*_: object) -> Pending:
    return Pending("The request waits for the IT network team.", None)


def test_one_that_failed_is_tried_again(serving: Server, renewal: int) -> None:
    server = with_authority(serving, ScriptedAuthority([refuse]))
    put_off = advance(server, renewal, SURROUNDINGS)
    assert has_failed(put_off)
    assert next_of(put_off).at == put_off.again_at
    assert "tried again" in next_of(put_off).sentence
    assert "put off" in sentence(serving)
    assert "The policy forbids todd." in sentence(serving)


def test_one_that_goes_on_says_no_more_what_hindered_it(
    serving: Server, renewal: int, admin: Caller
) -> None:
    server = with_authority(serving, ScriptedAuthority([refuse]))
    assert "The policy forbids todd." in words_of(advance(server, renewal, SURROUNDINGS))
    again = go_on_now(serving, renewal, caller=admin)
    assert (words_of(again), next_of(again).sentence) == ("", "It goes on within seconds.")


def test_one_that_waits_for_people_says_what_they_are_to_do(serving: Server, renewal: int) -> None:
    server = with_authority(serving, ScriptedAuthority([wait_for_people]))
    waiting = advance(server, renewal, SURROUNDINGS)
    assert not has_failed(waiting)
    assert next_of(waiting).at is None
    to_do = (
        "Write what is to be signed into a file: certwright authorities requests REQUEST --out "
        "FILE, then bring the answer: certwright authorities answer internal FILE"
    )
    assert next_of(waiting).sentence.endswith(to_do)
    assert sentence(serving) == f"Renewal {renewal} waits for the signed answer. {to_do}"


def test_each_state_says_what_comes_next(
    serving: Server, renewal: int, admin: Caller, clock: Clock
) -> None:
    begun = recorded(serving, renewal)
    assert "within seconds" in next_of(begun).sentence
    asking = replace(begun, state=RenewalState.ASKING)
    assert f"renewals agree {renewal}" in next_of(asking).sentence
    assert "within seconds" in next_of(replace(asking, agreed=True)).sentence
    assert "maintenance window" in next_of(replace(begun, agreed=True)).sentence
    tomorrow = clock() + timedelta(days=1)
    postponed = postpone(serving, renewal, tomorrow, caller=admin)
    assert next_of(postponed).at == tomorrow
    assert "goes on" in next_of(postponed).sentence
    declined = decline(serving, renewal, caller=admin)
    assert "nothing more happens" in next_of(declined).sentence
    for state in (RenewalState.DONE, RenewalState.OBSOLETE):
        assert next_of(replace(declined, state=state)).at is None


def test_the_sentence_tells_when_the_next_one_is(serving: Server) -> None:
    assert sentence(serving).startswith("The next renewal is on ")
    renewal = begin(serving)
    assert sentence(serving) == f"At work: renewal {renewal}."


def test_one_that_was_declined_is_told_until_somebody_renews_it(
    serving: Server, renewal: int, admin: Caller
) -> None:
    decline(serving, renewal, caller=admin)
    served = served_at(serving, OwnEndpoint.WEB_SERVER)
    assert sentence(serving) == (
        "Configuration Server and Web Server: It is not renewed by itself. ada declined it. "
        f"Begin one: certwright renew {served.thumbprint[:8]}"
    )
    renew(serving, served.fingerprint, caller=admin)
    assert sentence(serving).startswith("At work")


def test_a_certificate_tells_what_brought_it_and_what_replaced_it(
    serving: Server, renewal: int
) -> None:
    done = advance(serving, renewal, SURROUNDINGS)
    assert done.issued is not None
    assert done.wanted.certificate is not None
    with serving.database.connect() as connection:
        former = certificate_story(connection, done.wanted.certificate)
        new = certificate_story(connection, done.issued)
        whole = story_of(connection, renewal)
    assert former.brought_by is None
    assert former.replaced_by is not None
    assert former.replaced_by.id == renewal
    assert {step.endpoint for step in former.steps} == set(OwnEndpoint)
    assert new.brought_by is not None
    assert new.brought_by.id == renewal
    assert (new.steps, new.replaced_by) == (whole.steps, None)


def test_those_that_are_over_come_last_first_and_within_a_span(
    serving: Server, renewal: int, admin: Caller, clock: Clock
) -> None:
    began = clock()
    decline(serving, renewal, caller=admin)
    clock.move(timedelta(days=2))
    later = begin(serving)
    with serving.database.connect() as connection:
        assert [one.id for one in ended_renewals(connection, 9)] == [renewal]
    decline(serving, later, caller=admin)
    with serving.database.connect() as connection:
        assert [one.id for one in ended_renewals(connection, 9)] == [later, renewal]
        assert [one.id for one in ended_renewals(connection, 1)] == [later]
        first_day = (began, began + timedelta(days=1))
        assert [one.id for one in ended_renewals(connection, 9, *first_day)] == [renewal]
