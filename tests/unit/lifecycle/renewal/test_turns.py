"""Whose turn a renewal is where two nodes share the database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from certwright.access.rights import Caller
from certwright.authorities.authority import (
    CertificateRequest,
    IssuanceFailed,
    IssuedCertificate,
    Pending,
    Progress,
)
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.engine import open_engine
from certwright.lifecycle.activation import activate
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.nodes import be_seen
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.beginning import begin_due
from certwright.lifecycle.renewal.obtaining import obtain
from certwright.lifecycle.renewal.record import (
    RenewalState,
    is_worked_at,
    keep_renewal,
    ready_renewals,
)
from certwright.lifecycle.renewal.rehearsing import begin_rehearsing
from certwright.lifecycle.renewal.story import next_of, story_of
from certwright.lifecycle.selection import select_certificate
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    OwnEndpoint,
    RenewalSettings,
    get_endpoint,
    save_renewal_settings,
)

from ...composed_server import Clock, compose_server
from ...foreign_authority import ForeignAuthority
from ...tls_front import TlsFront
from ..conftest import served_at
from .conftest import SURROUNDINGS, recorded
from .scripted_authority import ScriptedAuthority, with_authority

WEB = OwnEndpoint.WEB_SERVER


@pytest.fixture
def other(
    serving: Server, database: Engine, clock: Clock, root_keys: RootKeyFolder, admin: Caller
) -> Iterator[Server]:
    """A second node of the same server, behind the same balancer: it serves the very same."""
    engine = open_engine(database.url.render_as_string(hide_password=False), "todd-2")
    front = TlsFront()
    front.go_up()
    made = compose_server(engine, front, front.ports, clock, root_keys, node="todd-2")
    provide_certificate(made, None)
    for node in (serving, made):
        be_seen(node)
    yield made
    front.go_down()
    engine.dispose()


def share(serving: Server, other: Server, admin: Caller) -> None:
    """Let the second node serve what the first does."""
    with serving.database.connect() as connection:
        fingerprint = get_endpoint(connection, WEB).saved.certificate
    for endpoint in OwnEndpoint:
        select_certificate(
            other, endpoint, str(fingerprint), read_version=None, confirmed=False, caller=admin
        )
        assert activate(other, endpoint, admin).state == "proven"


def ready(server: Server) -> tuple[int, ...]:
    with server.database.connect() as connection:
        return ready_renewals(connection, server.now())


def fall_silent(node: str, server: Server, seconds: int = 31) -> None:
    with server.database.begin() as connection:
        connection.execute(
            text("update nodes set seen_at = now() - make_interval(secs => :ago) where name = :n"),
            {"ago": seconds, "n": node},
        )


def issued_by(server: Server) -> int:
    """How many certificates were issued ever."""
    with server.database.connect() as connection:
        return int(
            connection.scalar(text("select count(*) from issuances where state = 'issued'")) or 0
        )


def test_who_began_it_goes_on_and_nobody_else(serving: Server, other: Server, renewal: int) -> None:
    assert ready(serving) == (renewal,)
    assert ready(other) == ()


def test_what_a_silent_node_began_is_obtained_by_another_and_waits_for_it(
    serving: Server, other: Server, renewal: int
) -> None:
    before = issued_by(serving)
    served = served_at(serving, WEB)
    fall_silent("todd-1", serving)
    assert ready(other) == (renewal,)
    taken_over = advance(other, renewal, SURROUNDINGS)
    assert taken_over.state is RenewalState.WAITING
    assert taken_over.issued is not None
    assert "when the node todd-1 can do it" in taken_over.sentence
    assert ready(other) == ()
    assert served_at(serving, WEB) == served

    be_seen(serving)
    assert ready(serving) == (renewal,)
    assert advance(serving, renewal, SURROUNDINGS).state is RenewalState.DONE
    assert served_at(serving, WEB).fingerprint == taken_over.issued
    assert issued_by(serving) == before + 1


def test_what_was_issued_before_the_node_fell_silent_is_not_issued_again(
    serving: Server, other: Server, renewal: int
) -> None:
    obtain(serving, recorded(serving, renewal))
    after = issued_by(serving)
    fall_silent("todd-1", serving)
    assert ready(other) == ()
    be_seen(serving)
    assert advance(serving, renewal, SURROUNDINGS).state is RenewalState.DONE
    assert issued_by(serving) == after


def test_a_certificate_that_two_nodes_serve_is_renewed_once_and_switched_by_each(
    serving: Server, other: Server, admin: Caller, clock: Clock
) -> None:
    share(serving, other, admin)
    clock.move(0.7 * (served_at(serving, WEB).not_after - clock()))
    before = issued_by(serving)
    (number,) = begin_due(serving, None)
    assert begin_due(other, None) == ()
    assert ready(other) == ()
    first = advance(serving, number, SURROUNDINGS)
    assert (first.state, "todd-2" in first.sentence) == (RenewalState.WAITING, True)
    assert served_at(serving, WEB).fingerprint == first.issued
    assert ready(serving) == ()
    assert ready(other) == (number,)
    assert advance(other, number, SURROUNDINGS).state is RenewalState.DONE
    assert served_at(other, WEB) == served_at(serving, WEB)
    assert issued_by(serving) == before + 1


def test_what_somebody_chose_otherwise_at_another_node_holds_nothing_up(
    serving: Server, other: Server, admin: Caller, company: ForeignAuthority, clock: Clock
) -> None:
    share(serving, other, admin)
    clock.move(0.7 * (served_at(serving, WEB).not_after - clock()))
    (number,) = begin_due(serving, None)
    chosen = company.issue(["todd.corp.example"])
    import_certificate(other, chosen.pem, None, friendly_name="", caller=admin)
    for endpoint in OwnEndpoint:
        select_certificate(
            *(other, endpoint, chosen.leaf.fingerprint),
            read_version=None,
            confirmed=True,
            caller=admin,
        )
    done = advance(serving, number, SURROUNDINGS)
    assert done.state is RenewalState.DONE
    assert "of node todd-2 still uses it" in done.steps[-1].sentence
    assert ready(other) == ()


def test_a_new_certificate_is_judged_by_the_node_that_serves_it(
    database: Engine,
    serving: Server,
    other: Server,
    renewal: int,
    clock: Clock,
    root_keys: RootKeyFolder,
) -> None:
    """Another node has other names, and so cannot tell whether these fit."""
    fall_silent("todd-1", serving)
    taken_over = advance(other, renewal, SURROUNDINGS)
    renamed = compose_server(
        database,
        serving.front,
        serving.ports,
        clock,
        root_keys,
        names=("renamed.corp.example",),
    )
    stopped = advance(renamed, renewal, SURROUNDINGS)
    assert stopped.attempts == 1
    assert "renamed.corp.example" in stopped.sentence
    assert served_at(serving, WEB).fingerprint != taken_over.issued


def test_a_rehearsal_waits_for_its_node(serving: Server, other: Server, admin: Caller) -> None:
    number = begin_rehearsing(serving, WEB, admin, "internal")
    fall_silent("todd-1", serving)
    assert ready(other) == ()
    assert ready(serving) == (number,)


def windows(server: Server, hours: str) -> None:
    with server.database.begin() as connection:
        for endpoint in OwnEndpoint:
            save_renewal_settings(connection, endpoint, RenewalSettings(window=hours))


def test_two_nodes_with_windows_of_their_own_each_switch_in_it(
    serving: Server, other: Server, admin: Caller, clock: Clock
) -> None:
    share(serving, other, admin)
    windows(serving, "11:00-12:00")
    windows(other, "21:00-22:00")
    clock.move(0.7 * (served_at(serving, WEB).not_after - clock()))
    clock.at = clock().replace(hour=1, minute=0)
    (number,) = begin_due(serving, None)
    for node in (serving, other):
        advance(node, number, SURROUNDINGS)
    assert ready(serving) == ready(other) == ()

    clock.at = clock().replace(hour=11, minute=30)
    assert ready(other) == ()
    assert ready(serving) == (number,)
    assert advance(serving, number, SURROUNDINGS).state is RenewalState.WAITING
    issued = recorded(serving, number).issued
    assert (served_at(serving, WEB).fingerprint, ready(serving), ready(other)) == (issued, (), ())

    clock.at = clock().replace(hour=21, minute=30)
    assert ready(other) == (number,)
    assert advance(other, number, SURROUNDINGS).state is RenewalState.DONE
    assert served_at(other, WEB).fingerprint == issued


def test_what_another_node_could_not_do_is_no_failure_of_the_one_that_began_it(
    serving: Server, other: Server, renewal: int, clock: Clock
) -> None:
    fall_silent("todd-1", serving)
    nobody = replace(other, authorities=replace(other.authorities, makers={}))
    failed = advance(nobody, renewal, SURROUNDINGS)
    assert failed.again_at is None
    assert failed.steps[-1].ok is False
    assert ready(other) == ()
    be_seen(serving)
    assert ready(serving) == (renewal,)
    assert advance(serving, renewal, SURROUNDINGS).state is RenewalState.DONE


def test_one_that_took_over_in_vain_waits_longer_each_time_and_tells_it_once(
    serving: Server, other: Server, renewal: int, clock: Clock
) -> None:
    nobody = replace(other, authorities=replace(other.authorities, makers={}))
    waits = []
    for _ in range(3):
        fall_silent("todd-1", serving)
        until = advance(nobody, renewal, SURROUNDINGS).waits[other.node]
        waits.append(until - clock())
        clock.at = until
    assert waits == [waits[0], 2 * waits[0], 4 * waits[0]]
    failures = [one for one in latest_events(serving, 50) if one.kind == "renewal-failed"]
    assert len(failures) == 1


def test_what_waits_for_another_node_says_so(serving: Server, other: Server, renewal: int) -> None:
    fall_silent("todd-1", serving)
    waiting = advance(other, renewal, SURROUNDINGS)
    assert next_of(waiting).sentence == waiting.sentence
    assert (waiting.waits_for_nodes, waiting.waits_for_answer) == (True, False)


def test_nobody_waits_for_a_node_that_hangs(serving: Server, other: Server, renewal: int) -> None:
    fall_silent("todd-1", serving)
    with serving.database.connect() as hanging:
        assert not is_worked_at(hanging, renewal)  # and holds it from now on
        assert advance(other, renewal, SURROUNDINGS).issued is None
    assert advance(other, renewal, SURROUNDINGS).issued is not None


def test_the_story_told_at_one_node_has_the_steps_of_all(
    serving: Server, other: Server, renewal: int
) -> None:
    advance(serving, renewal, SURROUNDINGS)
    stories = []
    for node in (serving, other):
        with node.database.connect() as connection:
            stories.append(story_of(connection, renewal).steps)
    assert stories[0] == stories[1]
    assert {"prove"} <= {step.name for step in stories[1]}


def test_what_asks_for_agreement_is_not_gone_on_with_because_a_wait_is_over(
    serving: Server, renewal: int, clock: Clock
) -> None:
    with serving.database.begin() as connection:
        asking = replace(
            recorded(serving, renewal),
            state=RenewalState.ASKING,
            waits={serving.node: clock() - timedelta(minutes=1)},
        )
        keep_renewal(connection, asking)
    assert ready(serving) == ()
    assert not recorded(serving, renewal).can_go_on(clock(), serving.node)
    with serving.database.begin() as connection:
        keep_renewal(connection, replace(asking, agreed=True))
    assert ready(serving) == (renewal,)
    assert recorded(serving, renewal).can_go_on(clock(), serving.node)


@pytest.mark.parametrize("is_refused", [False, True])
def test_a_machine_that_stood_still_changes_nothing_of_what_another_node_finished(
    serving: Server, renewal: int, clock: Clock, is_refused: bool
) -> None:
    former = served_at(serving, WEB).fingerprint
    authority = serving.authorities.get("internal")

    def stand_still(
        request: CertificateRequest, progress: Progress, now: datetime
    ) -> IssuedCertificate | Pending:
        begun = recorded(serving, renewal)
        over = replace(begun, state=RenewalState.DONE, issued=former, finished_at=clock())
        with serving.database.begin() as connection:
            keep_renewal(connection, over)
        if is_refused:
            raise IssuanceFailed("The policy forbids todd.", "Ask the IT network team.")
        return authority.issue(request, progress, now)

    resumed = with_authority(serving, ScriptedAuthority([stand_still]))
    done = advance(resumed, renewal, SURROUNDINGS)
    assert done == recorded(serving, renewal)
    assert (done.state, done.issued) == (RenewalState.DONE, former)
    assert served_at(serving, WEB).fingerprint == former
    assert not any(one.kind == "renewal-failed" for one in latest_events(serving, 50))
