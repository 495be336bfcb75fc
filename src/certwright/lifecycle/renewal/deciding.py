"""What people decide about a renewal that is at work: agree, decline, not yet, now.

None of it touches a renewal that a process is at: that one would write over what was decided.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from certwright.access.rights import Caller, Right, require
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.renewal.obtaining import abandon
from certwright.lifecycle.renewal.record import (
    NOW,
    Renewal,
    RenewalState,
    get_renewal,
    is_worked_at,
    keep_renewal,
    with_step,
)
from certwright.lifecycle.renewal.timing import lifetime_of
from certwright.lifecycle.server import Server
from certwright.stores.database import get_certificate
from certwright.x509.certificate import Certificate
from certwright.x509.text import day, rfc3339

_KEPT_FOR_TROUBLE = 0.1
"""The part of the lifetime that no postponement may use up."""


def agree(server: Server, identifier: int, *, caller: Caller) -> Renewal:
    """Take on the new certificate with what it lacks.

    Raises NOT_PERMITTED, NOT_FOUND, or CHANGED_MEANWHILE where nobody asks.
    """
    require(caller, Right.MODIFY, "agree to a renewal")
    with server.database.begin() as connection:
        renewal = _mine(connection, identifier)
        if renewal.agreed:
            return renewal
        if renewal.state is not RenewalState.ASKING:
            raise CertwrightError(
                ErrorCode.CHANGED_MEANWHILE,
                f"Renewal {identifier} does not ask for anybody's agreement.",
                f"Look how it stands: certwright renewals show {identifier}",
            )
        decided = replace(
            renewal, state=RenewalState.WORKING, agreed=True, sentence="", again_at=None, waits={}
        )
        return _keep(server, connection, decided, caller, "agree", "agreed to it.")


def decline(server: Server, identifier: int, *, caller: Caller) -> Renewal:
    """End a renewal; its certificate is not renewed by itself any more.

    Raises NOT_PERMITTED, NOT_FOUND, CHANGED_MEANWHILE where it is done, or BUSY.
    """
    require(caller, Right.MODIFY, "decline a renewal")
    with server.database.begin() as connection:
        renewal = _mine(connection, identifier)
        if renewal.state is RenewalState.DECLINED:
            return renewal
        _refuse_over(renewal)
        decided = replace(
            renewal,
            state=RenewalState.DECLINED,
            sentence=f"{caller.name} declined it.",
            again_at=None,
            finished_at=server.now(),
        )
        declined = _keep(server, connection, decided, caller, "decline", "declined it.")
    abandon(server, declined)
    return declined


def postpone(server: Server, identifier: int, until: datetime, *, caller: Caller) -> Renewal:
    """Let a renewal wait until then, as long as a tenth of the lifetime is left for trouble.

    Raises NOT_PERMITTED, NOT_FOUND, INVALID_INPUT for a moment that is past or too late,
    CHANGED_MEANWHILE where it is over or asks, or BUSY.
    """
    require(caller, Right.MODIFY, "postpone a renewal")
    with server.database.begin() as connection:
        return put_off(server, connection, identifier, until, caller)


def go_on_now(server: Server, identifier: int, *, caller: Caller) -> Renewal:
    """Let a renewal that waits be gone on with now; one that is worked at stays as it is.

    Raises NOT_PERMITTED, NOT_FOUND, or CHANGED_MEANWHILE where it is over or asks.
    """
    require(caller, Right.MODIFY, "have a renewal gone on with")
    with server.database.begin() as connection:
        renewal = get_renewal(connection, identifier)
        _refuse_over(renewal)
        _refuse_asking(renewal)
        return go_on(server, connection, renewal, caller)


def put_off(
    server: Server, connection: Connection, identifier: int, until: datetime, caller: Caller
) -> Renewal:
    """Let a renewal wait until then, in the caller's transaction."""
    renewal = _mine(connection, identifier)
    _refuse_over(renewal)
    _refuse_asking(renewal)
    _refuse_moment(server, connection, renewal, until)
    if renewal.again_at == until:
        return renewal
    sentence = f"{caller.name} postponed it."
    decided = replace(
        renewal, state=RenewalState.WAITING, sentence=sentence, again_at=until, waits={}
    )
    moment = until.astimezone(UTC)
    what = f"postponed it until {day(moment)}, {moment:%H:%M} UTC."
    return _keep(server, connection, decided, caller, "postpone", what)


def latest_postponement(connection: Connection, renewal: Renewal, now: datetime) -> datetime:
    """Until when a renewal may be postponed at most (UTC)."""
    replaced = renewal.wanted.certificate
    if replaced is None:  # nothing runs out
        return now + renewal.wanted.lifetime
    return latest_start(get_certificate(connection, replaced))


def latest_start(certificate: Certificate) -> datetime:
    """When the renewal of `certificate` has to begin at last: a tenth of its lifetime is left."""
    kept: timedelta = _KEPT_FOR_TROUBLE * lifetime_of(certificate)
    return certificate.not_after.astimezone(UTC) - kept


def go_on(server: Server, connection: Connection, renewal: Renewal, caller: Caller) -> Renewal:
    """Make `renewal` ready if it waits, in the caller's transaction."""
    if is_worked_at(connection, renewal.id):
        return renewal
    renewal = get_renewal(connection, renewal.id)
    if renewal.state is not RenewalState.WAITING:
        return renewal
    decided = replace(renewal, state=RenewalState.WORKING, again_at=server.now(), waits={})
    return _keep(server, connection, decided, caller, NOW, "asked to go on now.")


def _mine(connection: Connection, identifier: int) -> Renewal:
    """The renewal, which nobody else touches until the end of the transaction; raises BUSY."""
    get_renewal(connection, identifier)  # a number that there is none of keeps no lock
    if is_worked_at(connection, identifier):
        raise CertwrightError(
            ErrorCode.BUSY,
            f"Renewal {identifier} is being worked at at this moment.",
            f"Try again in a moment, or look at it: certwright renewals show {identifier}",
        )
    return get_renewal(connection, identifier)


def _refuse_over(renewal: Renewal) -> None:
    if renewal.state.is_over:
        raise CertwrightError(
            ErrorCode.CHANGED_MEANWHILE,
            f"Renewal {renewal.id} is over: it is {renewal.state}.",
            "Begin another one: certwright renew ID",
        )


def _refuse_asking(renewal: Renewal) -> None:
    if renewal.state is RenewalState.ASKING:
        raise CertwrightError(
            ErrorCode.CHANGED_MEANWHILE,
            f"Renewal {renewal.id} waits for somebody's agreement. {renewal.sentence}",
            f"Decide: certwright renewals agree {renewal.id}, or decline {renewal.id}",
        )


def _refuse_moment(
    server: Server, connection: Connection, renewal: Renewal, until: datetime
) -> None:
    now = server.now()
    latest = latest_postponement(connection, renewal, now)
    if not now < until <= latest:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "A renewal is postponed to a moment to come, and to one at which a tenth of the "
            "certificate's lifetime is still left.",
            f"Name a moment before {rfc3339(latest)}."
            if now < latest
            else "There is not so much left: let it go on, or decline it.",
        )


def _keep(
    server: Server,
    connection: Connection,
    renewal: Renewal,
    caller: Caller,
    step: str,
    what: str,
) -> Renewal:
    """Keep what was decided, with a step and an event that name who decided it."""
    names = renewal.wanted.names[0].display
    record_event(
        connection,
        Event(
            at=server.now(),
            actor=caller.name,
            kind=f"renewal-{step}",
            subject=renewal.wanted.certificate or names,
            message=f"Renewal {renewal.id} for {names}: {caller.name} {what}",
            good=True,
        ),
    )
    told = with_step(renewal, step, f"{caller.name} {what}", server.now(), ok=True)
    return keep_renewal(connection, told)
