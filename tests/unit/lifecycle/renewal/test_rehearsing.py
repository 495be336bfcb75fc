"""A rehearsal goes the whole way and leaves everything as it was."""

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import update

from certwright.access.rights import Caller, Right
from certwright.authorities.authority import Pending
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.database.node_views import endpoints
from certwright.designer.renewal_lines import standing
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation import activate
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.record import RenewalState
from certwright.lifecycle.renewal.rehearsing import begin_rehearsing
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    Endpoint,
    OwnEndpoint,
    RenewalSettings,
    get_endpoint,
    save_renewal_settings,
)
from certwright.stores.database import add_certificate, find_certificate
from certwright.stores.place import PERSONAL

from ...composed_server import Clock
from ...foreign_authority import ForeignAuthority
from ...tls_front import TlsFront
from ..conftest import Selector, served_at
from .conftest import SURROUNDINGS, begin
from .scripted_authority import ScriptedAuthority, with_authority
from .test_advancing import KilledError, issuing, killed_at, refusing

WEB = OwnEndpoint.WEB_SERVER


def endpoint_of(server: Server) -> Endpoint:
    with server.database.connect() as connection:
        return get_endpoint(connection, WEB)


def test_everything_is_as_before_and_it_says_that_it_would_succeed(
    serving: Server, admin: Caller, front: TlsFront
) -> None:
    before, former = endpoint_of(serving), served_at(serving, WEB)
    front.switches.clear()
    done = advance(serving, begin_rehearsing(serving, WEB, admin), SURROUNDINGS)
    assert (done.state, done.sentence) == (
        RenewalState.DONE,
        "The renewal would succeed: the Web Server served it and was proven.",
    )
    assert len(front.switches) == 2  # there and back
    after = endpoint_of(serving)
    assert (after.saved, after.active) == (before.saved, before.active)
    assert after.is_proven
    assert served_at(serving, WEB) == former
    assert done.issued is not None
    with serving.database.connect() as connection:
        assert find_certificate(connection, done.issued).archived
    assert latest_events(serving, 1)[0].kind == "rehearsed"


def test_a_staging_authoritys_root_need_not_be_trusted(
    serving: Server, admin: Caller, company: ForeignAuthority
) -> None:
    with serving.database.begin() as connection:
        company_by_hand = AuthorityRecord("company", AuthorityKind.BY_HAND)
        serving.authorities.records.add(connection, company_by_hand, serving.now())
        save_renewal_settings(connection, WEB, RenewalSettings(authority="company"))
    server = with_authority(serving, issuing(serving, company, ["todd.corp.example", "localhost"]))
    done = advance(server, begin_rehearsing(serving, WEB, admin, "internal"), SURROUNDINGS)
    assert done.state is RenewalState.DONE, done.sentence
    # That real clients would notice another root is told all the same.
    assert any(step.name == "compare" and not step.ok for step in done.steps)


def test_a_loss_would_wait_for_somebodys_agreement_and_is_no_success(
    serving: Server, admin: Caller, company: ForeignAuthority
) -> None:
    former = served_at(serving, WEB)
    server = with_authority(serving, issuing(serving, company, ["todd.corp.example"]))
    over = advance(server, begin_rehearsing(serving, WEB, admin), SURROUNDINGS)
    assert over.state is RenewalState.FAILED
    assert over.sentence.startswith("The renewal would wait for your agreement. ")
    assert "The new one is no longer for localhost." in over.sentence
    assert standing(over) == ("attention", "It would wait for your agreement")
    assert served_at(serving, WEB) == former


def test_one_that_would_wait_for_long_ends_since_nothing_is_renewed_meanwhile(
    serving: Server, admin: Caller, clock: Clock
) -> None:
    for again_at in (None, clock() + timedelta(hours=2)):
        pending = ScriptedAuthority([lambda *_, at=again_at: Pending("The queue is long.", at)])
        number = begin_rehearsing(serving, WEB, admin)
        failed = advance(with_authority(serving, pending), number, SURROUNDINGS)
        assert failed.state is RenewalState.FAILED
        assert failed.sentence.startswith("The queue is long. A rehearsal does not wait so long")
    soon = ScriptedAuthority(
        [lambda *_: Pending("A moment.", serving.now() + timedelta(minutes=50))]
    )
    number = begin_rehearsing(serving, WEB, admin)
    server = with_authority(serving, soon)
    assert advance(server, number, SURROUNDINGS).state is RenewalState.WAITING
    clock.move(timedelta(minutes=50))
    assert advance(server, number, SURROUNDINGS).state is RenewalState.FAILED


def test_a_refusal_ends_it_at_once(serving: Server, admin: Caller) -> None:
    former = served_at(serving, WEB)
    server = with_authority(serving, refusing("The policy forbids todd."))
    failed = advance(server, begin_rehearsing(serving, WEB, admin), SURROUNDINGS)
    assert failed.state is RenewalState.FAILED
    assert "The policy forbids todd." in failed.sentence
    assert served_at(serving, WEB) == former


def test_a_switch_that_does_not_work_is_found_out(
    serving: Server, admin: Caller, front: TlsFront, impatient: None
) -> None:
    front.ignores = True
    failed = advance(serving, begin_rehearsing(serving, WEB, admin), SURROUNDINGS)
    front.ignores = False
    assert failed.state is RenewalState.FAILED
    assert "would fail at the Web Server" in failed.sentence
    assert failed.sentence.endswith("The former certificate is served.")


def test_where_nothing_serves_it_does_not_say_that_the_former_is_served(
    serving: Server, admin: Caller, front: TlsFront, impatient: None
) -> None:
    front.go_down()
    failed = advance(serving, begin_rehearsing(serving, WEB, admin), SURROUNDINGS)
    assert failed.state is RenewalState.FAILED
    assert "The former certificate is not served there either" in failed.sentence


def test_killed_at_any_step_it_leaves_the_former_served(serving: Server, admin: Caller) -> None:
    former = served_at(serving, WEB)
    kills = 0
    for number in count(1):
        rehearsal = begin_rehearsing(serving, WEB, admin)
        try:
            with killed_at(serving, number):
                advance(serving, rehearsal, SURROUNDINGS)
        except KilledError:
            kills += 1
        done = advance(serving, rehearsal, SURROUNDINGS)
        assert done.state is RenewalState.DONE, (number, done.sentence)
        assert served_at(serving, WEB) == former
        assert endpoint_of(serving).saved.certificate == former.fingerprint
        if kills < number:
            break
    assert kills > 10


def test_what_has_no_name_to_ask_for_is_not_rehearsed(
    serving: Server, admin: Caller, company: ForeignAuthority
) -> None:
    nameless = company.root
    with serving.database.begin() as connection:
        add_certificate(connection, nameless, PERSONAL, serving.now())
        connection.execute(update(endpoints).values(active_certificate=nameless.fingerprint))
    with pytest.raises(CertwrightError) as refused:
        begin_rehearsing(serving, WEB, admin, "internal")
    assert refused.value.code is ErrorCode.INVALID_INPUT
    assert "has no name" in refused.value.message
    assert "certwright request" in refused.value.remedy


def test_a_rehearsal_is_no_renewal_of_its_certificate(serving: Server, admin: Caller) -> None:
    advance(serving, begin_rehearsing(serving, WEB, admin), SURROUNDINGS)
    done = advance(serving, begin(serving), SURROUNDINGS)
    assert done.state is RenewalState.DONE
    assert served_at(serving, WEB).fingerprint == done.issued


def test_while_a_renewal_is_at_work_it_is_refused(serving: Server, admin: Caller) -> None:
    begin(serving)
    with pytest.raises(CertwrightError) as refused:
        begin_rehearsing(serving, WEB, admin)
    assert refused.value.code is ErrorCode.BUSY


def test_without_a_staging_authority_it_says_what_to_do(
    serving: Server, company: ForeignAuthority, select_confirmed: Selector, admin: Caller
) -> None:
    select_confirmed(company.issue(["todd.corp.example"]), WEB)
    activate(serving, WEB, admin)
    with pytest.raises(CertwrightError, match="no staging authority") as refused:
        begin_rehearsing(serving, WEB, admin)
    assert "--authority" in refused.value.remedy
    assert begin_rehearsing(serving, WEB, admin, "internal")


def test_it_needs_the_right_create(serving: Server) -> None:
    with pytest.raises(CertwrightError) as refused:
        begin_rehearsing(serving, WEB, Caller("bob", Right.MODIFY))
    assert refused.value.code is ErrorCode.NOT_PERMITTED
