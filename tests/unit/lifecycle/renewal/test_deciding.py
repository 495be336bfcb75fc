"""What people decide about a renewal: agree, decline, not yet, now."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from certwright.access.rights import Caller, Right
from certwright.authorities.authority import CertificateRequest, IssuedCertificate, Progress
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.first_start import keep_issued
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.deciding import agree, decline, go_on_now, postpone
from certwright.lifecycle.renewal.due import Outlook, plans
from certwright.lifecycle.renewal.record import Renewal, RenewalState, lock_name_of, ready_renewals
from certwright.lifecycle.renewal.timing import lifetime_of
from certwright.lifecycle.server import Server
from certwright.services.endpoints import OwnEndpoint

from ...composed_server import Clock
from ...foreign_authority import ForeignAuthority
from ..conftest import served_at
from .conftest import SURROUNDINGS, recorded
from .scripted_authority import ScriptedAuthority, with_authority

WEB = OwnEndpoint.WEB_SERVER
Decide = Callable[[Server, int, Caller], Renewal]
DECISIONS: dict[str, Decide] = {
    "agree": lambda server, renewal, caller: agree(server, renewal, caller=caller),
    "decline": lambda server, renewal, caller: decline(server, renewal, caller=caller),
    "postpone": lambda server, renewal, caller: postpone(
        server, renewal, server.now() + timedelta(days=1), caller=caller
    ),
    "now": lambda server, renewal, caller: go_on_now(server, renewal, caller=caller),
}


@pytest.fixture
def asking(serving: Server, renewal: int, company: ForeignAuthority) -> int:
    """A renewal whose new certificate lacks a name that the former one had."""

    def issue(request: CertificateRequest, _progress: Progress, _now: object) -> IssuedCertificate:
        leaf = company.sign(request.public_key, ["todd.corp.example"])
        issued = IssuedCertificate(leaf, (company.intermediate,), company.root)
        with serving.database.begin() as connection:
            keep_issued(connection, issued, serving.now())
        return issued

    server = with_authority(serving, ScriptedAuthority([issue]))
    assert advance(server, renewal, SURROUNDINGS).state is RenewalState.ASKING
    return renewal


def ready(server: Server) -> tuple[int, ...]:
    with server.database.connect() as connection:
        return ready_renewals(connection, server.now())


def refused_code(decide: Decide, server: Server, renewal: int, caller: Caller) -> ErrorCode:
    with pytest.raises(CertwrightError) as refused:
        decide(server, renewal, caller)
    return refused.value.code


def test_what_was_agreed_to_is_activated(serving: Server, asking: int, admin: Caller) -> None:
    assert ready(serving) == ()
    agreed = agree(serving, asking, caller=admin)
    assert ready(serving) == (asking,)
    assert agree(serving, asking, caller=admin) == agreed
    assert latest_events(serving, 1)[0].kind == "renewal-agree"
    done = advance(serving, asking, SURROUNDINGS)
    assert done.state is RenewalState.DONE
    assert served_at(serving, WEB).fingerprint == done.issued
    assert any(step.sentence == "ada agreed to it." for step in done.steps)


def test_nobody_agrees_to_what_does_not_ask(serving: Server, renewal: int, admin: Caller) -> None:
    code = refused_code(DECISIONS["agree"], serving, renewal, admin)
    assert code is ErrorCode.CHANGED_MEANWHILE


def test_what_was_declined_is_over_and_not_begun_again_by_itself(
    serving: Server, asking: int, admin: Caller, clock: Clock
) -> None:
    former = served_at(serving, WEB)
    declined = decline(serving, asking, caller=admin)
    assert declined.state is RenewalState.DECLINED
    assert declined.finished_at == clock()
    assert decline(serving, asking, caller=admin) == declined
    assert advance(serving, asking, SURROUNDINGS) == declined
    assert served_at(serving, WEB) == former
    clock.move(timedelta(days=40))
    with serving.database.connect() as connection:
        (plan,) = plans(serving, connection, None)
    assert plan.outlook is Outlook.DECLINED


def test_what_was_postponed_waits_until_then(
    serving: Server, renewal: int, admin: Caller, clock: Clock
) -> None:
    tomorrow = clock() + timedelta(days=1)
    postponed = postpone(serving, renewal, tomorrow, caller=admin)
    assert (postponed.state, postponed.again_at) == (RenewalState.WAITING, tomorrow)
    assert postpone(serving, renewal, tomorrow, caller=admin) == postponed
    assert ready(serving) == ()
    assert advance(serving, renewal, SURROUNDINGS) == postponed
    clock.at = tomorrow
    assert ready(serving) == (renewal,)
    assert advance(serving, renewal, SURROUNDINGS).state is RenewalState.DONE


def test_a_tenth_of_the_lifetime_is_kept_for_trouble(
    serving: Server, renewal: int, admin: Caller, clock: Clock
) -> None:
    former = served_at(serving, WEB)
    latest = former.not_after - lifetime_of(former) / 10
    for wrong in (clock(), datetime(2026, 1, 1, tzinfo=UTC), latest + timedelta(seconds=1)):
        with pytest.raises(CertwrightError) as refused:
            postpone(serving, renewal, wrong, caller=admin)
        assert refused.value.code is ErrorCode.INVALID_INPUT
        assert latest.strftime("%Y-%m-%dT%H") in refused.value.remedy
    assert postpone(serving, renewal, latest, caller=admin).again_at == latest
    clock.at = latest
    with pytest.raises(CertwrightError, match="tenth") as too_late:
        postpone(serving, renewal, latest + timedelta(days=1), caller=admin)
    assert "decline" in too_late.value.remedy


def test_now_takes_a_postponement_back(
    serving: Server, renewal: int, admin: Caller, clock: Clock
) -> None:
    postpone(serving, renewal, clock() + timedelta(days=1), caller=admin)
    assert go_on_now(serving, renewal, caller=admin).state is RenewalState.WORKING
    assert ready(serving) == (renewal,)
    before = recorded(serving, renewal)
    assert go_on_now(serving, renewal, caller=admin) == before


def test_one_that_asks_is_neither_postponed_nor_hurried(
    serving: Server, asking: int, admin: Caller
) -> None:
    for name in ("postpone", "now"):
        code = refused_code(DECISIONS[name], serving, asking, admin)
        assert code is ErrorCode.CHANGED_MEANWHILE


@pytest.mark.parametrize("name", ["decline", "postpone", "now"])
def test_nothing_is_decided_about_what_is_over(
    name: str, serving: Server, renewal: int, admin: Caller
) -> None:
    done = advance(serving, renewal, SURROUNDINGS)
    code = refused_code(DECISIONS[name], serving, renewal, admin)
    assert code is ErrorCode.CHANGED_MEANWHILE
    assert recorded(serving, renewal) == done


@pytest.mark.parametrize("name", DECISIONS)
def test_each_needs_the_right_modify_and_a_renewal(
    name: str, serving: Server, renewal: int, admin: Caller
) -> None:
    eve = Caller("eve", Right.READ)
    assert refused_code(DECISIONS[name], serving, renewal, eve) is ErrorCode.NOT_PERMITTED
    assert refused_code(DECISIONS[name], serving, 4711, admin) is ErrorCode.NOT_FOUND


def test_what_a_process_is_at_is_not_touched(serving: Server, renewal: int, admin: Caller) -> None:
    before = recorded(serving, renewal)
    with serving.database.connect() as connection:
        connection.execute(
            text("select pg_advisory_lock(hashtext(:name))"), {"name": lock_name_of(renewal)}
        )
        for name in ("agree", "decline", "postpone"):
            assert refused_code(DECISIONS[name], serving, renewal, admin) is ErrorCode.BUSY
        assert go_on_now(serving, renewal, caller=admin) == before
        connection.execute(
            text("select pg_advisory_unlock(hashtext(:name))"), {"name": lock_name_of(renewal)}
        )
    assert recorded(serving, renewal) == before
