"""What is due is begun, once, and never because a clock was set."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from certwright.access.rights import Caller
from certwright.database.node_views import endpoints
from certwright.database.tables import events, renewals, settings, store_entries
from certwright.errors import CertwrightError
from certwright.lifecycle.activation import activate
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.asking import renew
from certwright.lifecycle.renewal.clock import HOLD_SECONDS, ClockWatch, Reading
from certwright.lifecycle.renewal.deciding import decline
from certwright.lifecycle.renewal.due import Outlook, plans
from certwright.lifecycle.renewal.looking import look_for_work
from certwright.lifecycle.renewal.preferences import quiet_hours
from certwright.lifecycle.renewal.record import RenewalState, keep_renewal
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    Choice,
    OwnEndpoint,
    RenewalSettings,
    WebServerProtocol,
    record_active,
    save_renewal_settings,
)
from certwright.stores.database import add_certificate
from certwright.stores.place import PERSONAL

from ...composed_server import Clock
from ...foreign_authority import ForeignAuthority
from ..conftest import Selector
from .conftest import SURROUNDINGS, begin, recorded
from .scripted_authority import with_authority
from .test_advancing import refusing


class Looker:
    """Looks again and again, while time passes evenly or jumps."""

    def __init__(self, server: Server, clock: Clock) -> None:
        self._server, self._clock = server, clock
        self._steady = 1000.0
        self._watch = ClockWatch(Reading(clock(), self._steady))

    def after(self, passed: timedelta, jumped: timedelta = timedelta()) -> tuple[int, ...]:
        """What is ready after so much time."""
        self._clock.move(passed + jumped)
        self._steady += passed.total_seconds()
        look = look_for_work(self._server, self._watch, self._steady, UTC)
        self._watch = look.watch
        return look.ready


@pytest.fixture
def looker(serving: Server, clock: Clock) -> Looker:
    return Looker(serving, clock)


def test_nothing_is_begun_before_its_time(looker: Looker) -> None:
    assert looker.after(timedelta(days=29)) == ()


def test_what_is_due_is_begun_once_for_both_endpoints(serving: Server, looker: Looker) -> None:
    first = looker.after(timedelta(days=33))
    assert len(first) == 1
    assert looker.after(timedelta(seconds=5)) == first
    done = advance(serving, first[0], SURROUNDINGS)
    assert done.state is RenewalState.DONE
    assert "two thirds" in done.wanted.reason
    assert looker.after(timedelta(seconds=5)) == ()


def test_a_clock_that_jumps_causes_no_storm(serving: Server, looker: Looker) -> None:
    assert looker.after(timedelta(seconds=5), jumped=timedelta(days=3650)) == ()
    for _ in range(20):
        assert looker.after(timedelta(seconds=HOLD_SECONDS / 25)) == ()
    assert looker.after(timedelta(seconds=5), jumped=timedelta(days=-3650)) == ()
    with serving.database.connect() as connection:
        assert connection.execute(select(renewals)).all() == []
        kinds = connection.scalars(select(events.c.kind)).all()
    assert kinds.count("clock-set") == 2


def test_a_clock_that_stays_ahead_renews_once(serving: Server, looker: Looker) -> None:
    looker.after(timedelta(seconds=5), jumped=timedelta(days=40))
    ready = looker.after(timedelta(seconds=HOLD_SECONDS + 5))
    assert len(ready) == 1
    advance(serving, ready[0], SURROUNDINGS)
    assert looker.after(timedelta(hours=2)) == ()


def test_quiet_hours_put_it_off(serving: Server, looker: Looker, clock: Clock) -> None:
    with serving.database.begin() as connection:
        hours = {"name": "renewal.quiet-hours", "value": "00:00-23:00", "changed_at": clock()}
        connection.execute(insert(settings).values(hours))
    clock.at = clock().replace(hour=0, minute=0)
    looker.after(timedelta(0))
    assert looker.after(timedelta(days=33, hours=5)) == ()
    with serving.database.connect() as connection:
        (plan,) = plans(serving, connection, quiet_hours(connection, UTC))
    assert plan.moment.reason.count("Quiet hours (00:00-23:00) are over then.") == 1
    assert len(looker.after(timedelta(hours=18, minutes=30))) == 1


def test_what_waits_is_ready_when_its_time_has_come(serving: Server, looker: Looker) -> None:
    renewal = begin(serving)
    put_off = advance(with_authority(serving, refusing("No.")), renewal, SURROUNDINGS)
    assert put_off.again_at is not None
    assert looker.after(timedelta(seconds=5)) == ()
    assert looker.after(timedelta(minutes=10)) == (renewal,)


def stop_using(server: Server) -> None:
    with server.database.begin() as connection:
        connection.execute(
            update(endpoints).values(
                saved_certificate=None, active_certificate=None, active_protocol=None
            )
        )


def test_what_the_node_began_is_over_as_soon_as_nothing_uses_the_certificate(
    serving: Server, looker: Looker
) -> None:
    (begun,) = looker.after(timedelta(days=33))
    stop_using(serving)
    over = advance(serving, begun, SURROUNDINGS)
    assert (over.state, over.issued) == (RenewalState.OBSOLETE, None)


def test_what_waits_is_over_as_soon_as_nothing_uses_the_certificate(
    serving: Server, looker: Looker
) -> None:
    renewal = begin(serving)
    advance(with_authority(serving, refusing("No.")), renewal, SURROUNDINGS)
    assert looker.after(timedelta(seconds=5)) == ()
    stop_using(serving)
    assert looker.after(timedelta(seconds=5)) == (renewal,)
    assert advance(serving, renewal, SURROUNDINGS).state is RenewalState.OBSOLETE
    assert looker.after(timedelta(days=1)) == ()


def test_what_somebody_asked_for_is_tried_though_nothing_uses_the_certificate(
    serving: Server, looker: Looker
) -> None:
    renewal = begin(serving)
    stop_using(serving)
    assert looker.after(timedelta(seconds=5)) == (renewal,)
    assert advance(serving, renewal, SURROUNDINGS).state is RenewalState.DONE


def test_a_declined_one_is_not_begun_again(serving: Server, looker: Looker, clock: Clock) -> None:
    renewal = begin(serving)
    with serving.database.begin() as connection:
        declined = replace(
            recorded(serving, renewal),
            state=RenewalState.DECLINED,
            sentence="ada declined it.",
            finished_at=clock(),
        )
        keep_renewal(connection, declined)
    assert looker.after(timedelta(days=40)) == ()
    with serving.database.connect() as connection:
        (plan,) = plans(serving, connection, None)
    assert plan.outlook is Outlook.DECLINED
    assert "declined" in plan.moment.reason


def test_what_nobody_issues_is_told_of_and_not_begun(
    serving: Server, company: ForeignAuthority, select_confirmed: Selector, admin: Caller
) -> None:
    select_confirmed(company.issue(["todd.corp.example"]), OwnEndpoint.WEB_SERVER)
    activate(serving, OwnEndpoint.WEB_SERVER, admin)
    with serving.database.connect() as connection:
        outlooks = {plan.outlook for plan in plans(serving, connection, None)}
    assert Outlook.NOBODY in outlooks
    with serving.database.begin() as connection:
        named = RenewalSettings(authority="internal")
        save_renewal_settings(connection, OwnEndpoint.WEB_SERVER, named)
        outlooks = {plan.outlook for plan in plans(serving, connection, None)}
    assert Outlook.NOBODY not in outlooks


def test_what_is_due_at_one_moment_comes_in_the_order_of_the_endpoints(
    serving: Server, clock: Clock, company: ForeignAuthority
) -> None:
    begun, over = clock() - timedelta(days=80), clock() + timedelta(days=10)
    served = {
        name: company.issue(["todd.corp.example"], not_before=begun, not_after=over).leaf
        for name in OwnEndpoint
    }
    with serving.database.begin() as connection:
        for name in reversed(OwnEndpoint):
            add_certificate(connection, served[name], PERSONAL, clock())
            choice = Choice(WebServerProtocol.HTTPS, served[name].fingerprint)
            record_active(connection, name, choice, {})
        planned = plans(serving, connection, None)
    assert [one.moment.at for one in planned] == [clock(), clock()]
    assert [one.certificate for one in planned] == list(served.values())


def test_what_has_no_name_to_ask_for_is_told_of_and_not_begun(
    serving: Server, clock: Clock, company: ForeignAuthority, admin: Caller
) -> None:
    served = Choice(WebServerProtocol.HTTPS, company.root.fingerprint)
    with serving.database.begin() as connection:
        add_certificate(connection, company.root, PERSONAL, clock())
        record_active(connection, OwnEndpoint.WEB_SERVER, served, {})
        (plan,) = (
            one for one in plans(serving, connection, None) if one.certificate == company.root
        )
    assert plan.outlook is Outlook.NOBODY
    assert plan.moment.reason == (
        "It is not renewed by itself. It has no name in its Subject Alternative Name that an "
        "authority could be asked for. Get another one: certwright request NAME, then use it: "
        "certwright select web-server ID, and certwright activate web-server"
    )
    with pytest.raises(CertwrightError, match="has no name in its Subject Alternative") as refused:
        renew(serving, company.root.fingerprint, caller=admin)
    assert refused.value.remedy.startswith("Get another one: certwright request NAME, then use it")


def test_what_was_declined_says_so_first_though_no_authority_is_known(
    serving: Server, company: ForeignAuthority, select_confirmed: Selector, admin: Caller
) -> None:
    issued = company.issue(["todd.corp.example"])
    select_confirmed(issued, OwnEndpoint.WEB_SERVER)
    activate(serving, OwnEndpoint.WEB_SERVER, admin)
    begun = renew(serving, issued.leaf.fingerprint, authority="internal", caller=admin)
    decline(serving, begun.id, caller=admin)
    with serving.database.connect() as connection:
        told = [one.moment.reason for one in plans(serving, connection, None)]
    again = f"Begin one: certwright renew {issued.leaf.thumbprint[:8]} --authority internal"
    assert any(f"declined it. {again}" in reason for reason in told)


def test_one_that_was_brought_when_it_was_nearly_over_is_due_at_once(
    serving: Server,
    clock: Clock,
    company: ForeignAuthority,
    select_confirmed: Selector,
    admin: Caller,
) -> None:
    begun, over = clock() - timedelta(days=89), clock() + timedelta(minutes=20)
    issued = company.issue(["todd.corp.example"], not_before=begun, not_after=over)
    select_confirmed(issued, OwnEndpoint.WEB_SERVER)
    activate(serving, OwnEndpoint.WEB_SERVER, admin)
    with serving.database.begin() as connection:
        named = RenewalSettings(authority="internal")
        save_renewal_settings(connection, OwnEndpoint.WEB_SERVER, named)
        due = [one for one in plans(serving, connection, None) if one.outlook is Outlook.DUE]
    assert [one.certificate for one in due] == [issued.leaf]


def test_a_certificate_that_was_taken_out_by_hand_keeps_no_other_from_being_looked_at(
    serving: Server, company: ForeignAuthority, select_confirmed: Selector, admin: Caller
) -> None:
    chosen = company.issue(["todd.corp.example"])
    select_confirmed(chosen, OwnEndpoint.WEB_SERVER)
    activate(serving, OwnEndpoint.WEB_SERVER, admin)
    with serving.database.begin() as connection:
        connection.execute(
            delete(store_entries).where(store_entries.c.fingerprint == chosen.leaf.fingerprint)
        )
        (plan,) = plans(serving, connection, None)
    assert [endpoint.name for endpoint in plan.endpoints] == [OwnEndpoint.CONFIGURATION_SERVER]
