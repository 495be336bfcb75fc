"""Renewing because somebody asks: one, or all that are due."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from certwright.access.rights import Caller, Right
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.database.tables import renewals
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.asking import (
    activations_of,
    postpone_planned,
    renew,
    renew_due,
    what_would_happen,
)
from certwright.lifecycle.renewal.deciding import decline
from certwright.lifecycle.renewal.due import Outlook
from certwright.lifecycle.renewal.record import RenewalState
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    OwnEndpoint,
    RenewalKey,
    RenewalSettings,
    save_renewal_settings,
)

from ...composed_server import Clock
from ...foreign_authority import ForeignAuthority
from ..conftest import served_at
from .conftest import SURROUNDINGS

WEB = OwnEndpoint.WEB_SERVER


def number_of_renewals(server: Server) -> int:
    with server.database.connect() as connection:
        return connection.scalar(select(func.count()).select_from(renewals)) or 0


def test_what_is_not_due_is_renewed_when_somebody_asks(serving: Server, admin: Caller) -> None:
    former = served_at(serving, WEB)
    begun = renew(serving, former.thumbprint[:8], caller=admin)
    assert (begun.state, begun.wanted.actor) == (RenewalState.WORKING, "ada")
    assert latest_events(serving, 1)[0].kind == "renewal-begun"
    done = advance(serving, begun.id, SURROUNDINGS)
    assert done.state is RenewalState.DONE
    assert served_at(serving, WEB).fingerprint == done.issued


def test_asking_twice_is_one_renewal(serving: Server, admin: Caller) -> None:
    former = served_at(serving, WEB).fingerprint
    begun = renew(serving, former, caller=admin)
    assert renew(serving, former, caller=admin) == begun
    assert number_of_renewals(serving) == 1


def test_one_that_waits_is_gone_on_with_at_once(
    serving: Server, admin: Caller, clock: Clock
) -> None:
    former = served_at(serving, WEB).fingerprint
    with serving.database.begin() as connection:
        for name in OwnEndpoint:
            save_renewal_settings(connection, name, RenewalSettings(window="22:00-23:00"))
    begun = renew(serving, former, caller=admin)
    waiting = advance(serving, begun.id, SURROUNDINGS)
    assert waiting.state is RenewalState.WAITING
    again = renew(serving, former, caller=admin)
    assert (again.id, again.state, again.again_at) == (begun.id, RenewalState.WORKING, clock())


def test_the_same_key_is_kept_for_this_once(serving: Server, admin: Caller) -> None:
    former = served_at(serving, WEB)
    begun = renew(serving, former.fingerprint, key=RenewalKey.SAME, caller=admin)
    advance(serving, begun.id, SURROUNDINGS)
    new = served_at(serving, WEB)
    assert new != former
    assert new.key_fingerprint == former.key_fingerprint


def imported(server: Server, company: ForeignAuthority, caller: Caller, *, with_key: bool) -> str:
    issued = company.issue(["todd.corp.example"])
    content = issued.pem if with_key else issued.leaf.pem.encode()
    import_certificate(server, content, None, friendly_name="", caller=caller)
    return issued.leaf.fingerprint


def test_one_of_an_unknown_authority_needs_a_name(
    serving: Server, company: ForeignAuthority, admin: Caller
) -> None:
    fingerprint = imported(serving, company, admin, with_key=True)
    with pytest.raises(CertwrightError) as refused:
        renew(serving, fingerprint, caller=admin)
    assert "No authority is known" in refused.value.message
    assert "--authority NAME" in refused.value.remedy
    begun = renew(serving, fingerprint, authority="internal", caller=admin)
    assert begun.wanted.authority == "internal"


def test_another_authority_or_key_than_that_at_work_is_refused(
    serving: Server, admin: Caller
) -> None:
    fingerprint = served_at(serving, WEB).fingerprint
    renew(serving, fingerprint, caller=admin)
    with pytest.raises(CertwrightError) as unknown:
        renew(serving, fingerprint, authority="no-such", caller=admin)
    assert unknown.value.code is ErrorCode.NOT_FOUND
    with serving.database.begin() as connection:
        record = AuthorityRecord("tests", AuthorityKind.SELF_SIGNED)
        serving.authorities.records.add(connection, record, serving.now())
    with pytest.raises(CertwrightError) as refused:
        renew(serving, fingerprint, authority="tests", caller=admin)
    assert refused.value.code is ErrorCode.CHANGED_MEANWHILE
    assert "renewals decline 1" in refused.value.remedy
    with pytest.raises(CertwrightError, match="with a new private key") as refused:
        renew(serving, fingerprint, key=RenewalKey.SAME, caller=admin)
    assert refused.value.code is ErrorCode.CHANGED_MEANWHILE
    assert renew(serving, fingerprint, key=RenewalKey.NEW, caller=admin).id == 1
    assert number_of_renewals(serving) == 1


def test_a_key_that_is_not_here_cannot_stay_the_same(
    serving: Server, company: ForeignAuthority, admin: Caller
) -> None:
    fingerprint = imported(serving, company, admin, with_key=False)
    with pytest.raises(CertwrightError) as refused:
        renew(serving, fingerprint, key=RenewalKey.SAME, authority="internal", caller=admin)
    assert refused.value.code is ErrorCode.NO_PRIVATE_KEY


def test_an_authority_is_not_renewed_as_a_server_is(serving: Server, admin: Caller) -> None:
    with pytest.raises(CertwrightError) as refused:
        renew(serving, serving.authority.root.fingerprint, caller=admin)
    assert "no certificate of a server" in refused.value.message


def test_it_needs_the_right_create(serving: Server) -> None:
    eve = Caller("eve", Right.MODIFY)
    with pytest.raises(CertwrightError) as refused:
        renew(serving, served_at(serving, WEB).fingerprint, caller=eve)
    assert refused.value.code is ErrorCode.NOT_PERMITTED
    with pytest.raises(CertwrightError):
        renew_due(serving, caller=eve)
    assert number_of_renewals(serving) == 0


def test_only_what_is_due_is_begun(serving: Server, admin: Caller, clock: Clock) -> None:
    (plan,) = what_would_happen(serving)
    assert plan.outlook is Outlook.PLANNED
    assert renew_due(serving, caller=admin) == ()
    clock.at = plan.moment.at
    (begun,) = renew_due(serving, caller=admin)
    assert begun.wanted.reason == plan.moment.reason
    assert renew_due(serving, caller=admin) == ()


def test_a_plan_tells_where_and_when_it_is_activated(serving: Server, clock: Clock) -> None:
    with serving.database.begin() as connection:
        save_renewal_settings(connection, WEB, RenewalSettings(window="Sun 02:00-04:00"))
    (plan,) = what_would_happen(serving)
    at = {one.endpoint.name: one.at for one in activations_of(serving, plan)}
    assert at[OwnEndpoint.CONFIGURATION_SERVER] == plan.moment.at
    assert at[WEB].strftime("%a %H:%M") == "Sun 02:00"
    assert timedelta() < at[WEB] - plan.moment.at <= timedelta(days=7)


def test_one_that_is_only_planned_can_wait(serving: Server, admin: Caller) -> None:
    (plan,) = what_would_happen(serving)
    later = plan.moment.at + timedelta(days=2)
    waiting = postpone_planned(serving, plan.certificate.fingerprint, later, caller=admin)
    assert (waiting.state, waiting.again_at) == (RenewalState.WAITING, later)
    assert (waiting.wanted.actor, waiting.wanted.reason) == ("node", plan.moment.reason)
    assert waiting.sentence == "ada postponed it."
    (now_planned,) = what_would_happen(serving)
    assert (now_planned.outlook, now_planned.moment.at) == (Outlook.AT_WORK, later)
    still_later = later + timedelta(days=1)
    again = postpone_planned(serving, plan.certificate.fingerprint, still_later, caller=admin)
    assert (again.id, again.again_at) == (waiting.id, still_later)


def test_what_is_planned_waits_neither_too_long_nor_less_than_it_would(
    serving: Server, admin: Caller
) -> None:
    (plan,) = what_would_happen(serving)
    fingerprint = plan.certificate.fingerprint
    for until, words in (
        (plan.certificate.not_after - timedelta(days=1), "a tenth of the"),
        (plan.moment.at - timedelta(minutes=1), "It does not begin before"),
    ):
        with pytest.raises(CertwrightError, match=words) as refused:
            postpone_planned(serving, fingerprint, until, caller=admin)
        assert refused.value.code is ErrorCode.INVALID_INPUT
    eve, later = Caller("eve", Right.READ), plan.moment.at + timedelta(days=1)
    with pytest.raises(CertwrightError) as refused:
        postpone_planned(serving, fingerprint, later, caller=eve)
    assert refused.value.code is ErrorCode.NOT_PERMITTED
    assert number_of_renewals(serving) == 0


def test_what_is_not_planned_cannot_wait(serving: Server, admin: Caller) -> None:
    former = served_at(serving, WEB).fingerprint
    advance(serving, renew(serving, former, caller=admin).id, SURROUNDINGS)
    served = served_at(serving, WEB).fingerprint
    decline(serving, renew(serving, served, caller=admin).id, caller=admin)
    later = serving.now() + timedelta(days=32)
    for fingerprint, why in (
        (former, "no endpoint of this node uses"),
        (served, "was declined"),
    ):
        with pytest.raises(CertwrightError, match=why) as refused:
            postpone_planned(serving, fingerprint, later, caller=admin)
        assert refused.value.code is ErrorCode.INVALID_INPUT
        assert "certwright renew" in refused.value.remedy
    assert number_of_renewals(serving) == 2
