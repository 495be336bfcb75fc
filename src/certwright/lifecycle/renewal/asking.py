"""Renewing because somebody asks: one certificate, due or not, or all that are due."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from certwright.access.rights import Caller, Right, require
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.renewal.beginning import begin_for
from certwright.lifecycle.renewal.deciding import go_on, put_off
from certwright.lifecycle.renewal.due import (
    ACTOR,
    NO_NAME,
    Outlook,
    Plan,
    names_of,
    plan_for,
    plans,
    request_instead,
)
from certwright.lifecycle.renewal.preferences import quiet_hours
from certwright.lifecycle.renewal.record import Renewal, get_renewal, renewal_at_work
from certwright.lifecycle.renewal.windows import next_opening
from certwright.lifecycle.server import Server
from certwright.services.endpoints import Endpoint, RenewalKey
from certwright.stores.database import find_certificate
from certwright.stores.store import StoredCertificate
from certwright.x509.text import rfc3339

_ASKED = "It was asked for."


@dataclass(frozen=True)
class Activation:
    """At which endpoint a new certificate would be activated, and the earliest moment."""

    endpoint: Endpoint
    at: datetime


def renew(
    server: Server,
    identifier: str,
    *,
    caller: Caller,
    key: RenewalKey | None = None,
    authority: str | None = None,
    reason: str = _ASKED,
) -> Renewal:
    """Begin the renewal of a certificate, due or not; one at work is gone on with now.

    `key` and `authority` are None for what is set for its endpoints or on record. Raises
    NOT_PERMITTED, NOT_FOUND, AMBIGUOUS, NO_PRIVATE_KEY where the same key is wanted and lies
    elsewhere, INVALID_INPUT where nobody could issue it, or CHANGED_MEANWHILE where one by another
    authority, or with another key, is at work.
    """
    require(caller, Right.CREATE, "renew a certificate")
    with server.database.begin() as connection:
        stored = find_certificate(connection, identifier)
        plan = plan_for(server, connection, stored, None)
        if authority is not None:
            server.authorities.records.get(connection, authority)
            plan = replace(plan, authority=authority)
        if plan.renewal is not None:
            _refuse_another(plan.renewal, key, authority)
            return go_on(server, connection, plan.renewal, caller)
        _refuse_impossible(plan, stored, key)
        if begun := begin_for(server, connection, plan, caller.name, reason, key):
            _record(server, connection, stored, begun, caller)
            return get_renewal(connection, begun)
        # Somebody else began it between the look and the beginning.
        other = renewal_at_work(connection, stored.certificate.fingerprint)
        if other is None:  # and it is over already
            raise _renewed_meanwhile()
        return other


def postpone_planned(
    server: Server, identifier: str, until: datetime, *, caller: Caller
) -> Renewal:
    """Let the renewal of a certificate, due or only planned, wait until then.

    It is begun, and waits. Raises NOT_PERMITTED, NOT_FOUND, AMBIGUOUS, CHANGED_MEANWHILE or BUSY,
    and INVALID_INPUT where nothing is planned, or for a moment that is too late, or before the
    planned one.
    """
    require(caller, Right.MODIFY, "postpone a renewal")
    with server.database.begin() as connection:
        stored = find_certificate(connection, identifier)
        plan = plan_for(server, connection, stored, quiet_hours(connection, server.zone))
        if plan.renewal is not None:
            return put_off(server, connection, plan.renewal.id, until, caller)
        _refuse_impossible(plan, stored, None)
        _refuse_unplanned(plan)
        _refuse_earlier(plan, until)
        begun = begin_for(server, connection, plan, ACTOR, plan.moment.reason)
        if begun is None:
            raise _renewed_meanwhile()
        return put_off(server, connection, begun, until, caller)


def renew_due(server: Server, *, caller: Caller) -> tuple[Renewal, ...]:
    """Begin the renewal of each certificate whose time has come; raises NOT_PERMITTED."""
    require(caller, Right.CREATE, "renew certificates")
    with server.database.begin() as connection:
        return tuple(_begin_due(server, connection, caller))


def what_would_happen(server: Server) -> tuple[Plan, ...]:
    """What is to happen to each certificate in use, the next to happen first; begins nothing."""
    with server.database.connect() as connection:
        return plans(server, connection, quiet_hours(connection, server.zone))


def activations_of(server: Server, plan: Plan) -> tuple[Activation, ...]:
    """Where the certificate that `plan` brings would be activated, and when at the earliest."""
    ready = max(plan.moment.at, server.now())
    return tuple(
        Activation(one, next_opening(one.renewal.window, ready, server.zone, plan.certificate))
        for one in plan.endpoints
    )


def _begin_due(server: Server, connection: Connection, caller: Caller) -> Iterator[Renewal]:
    for plan in plans(server, connection, quiet_hours(connection, server.zone)):
        if plan.outlook is Outlook.DUE:
            begun = begin_for(server, connection, plan, caller.name, plan.moment.reason)
            if begun is not None:
                stored = find_certificate(connection, plan.certificate.fingerprint)
                _record(server, connection, stored, begun, caller)
                yield get_renewal(connection, begun)


def _refuse_another(renewal: Renewal, key: RenewalKey | None, authority: str | None) -> None:
    if renewal.wanted.rehearsed_at is not None:
        raise CertwrightError(
            ErrorCode.CHANGED_MEANWHILE,
            f"Its renewal is being rehearsed (renewal {renewal.id}).",
            "Wait until that is over, mostly a minute, or end it: "
            f"certwright renewals decline {renewal.id}",
        )
    wanted = renewal.wanted
    if authority not in {None, wanted.authority} or key not in {None, wanted.key}:
        raise CertwrightError(
            ErrorCode.CHANGED_MEANWHILE,
            f"Renewal {renewal.id} of it is at work, by {wanted.authority} and with "
            f"{'the same' if wanted.key is RenewalKey.SAME else 'a new'} private key.",
            f"Decline that one first: certwright renewals decline {renewal.id}",
        )


def _refuse_unplanned(plan: Plan) -> None:
    certificate = plan.certificate
    if not plan.endpoints:
        why = f"no endpoint of this node uses {certificate.name_on_record}"
    elif plan.outlook is Outlook.DECLINED:
        why = f"the renewal of {certificate.name_on_record} was declined"
    else:
        return
    raise CertwrightError(
        ErrorCode.INVALID_INPUT,
        f"Nothing is planned that could wait: {why}.",
        f"To have it renewed: certwright renew {certificate.thumbprint[:8]}",
    )


def _refuse_earlier(plan: Plan, until: datetime) -> None:
    if until <= plan.moment.at:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"It does not begin before {rfc3339(plan.moment.at)} anyway.",
            "Name a later moment, or let it begin by itself.",
        )


def _renewed_meanwhile() -> CertwrightError:
    return CertwrightError(
        ErrorCode.CHANGED_MEANWHILE,
        "This certificate was renewed at the same moment.",
        "Look how it went: certwright renewals list",
    )


def _refuse_impossible(plan: Plan, stored: StoredCertificate, key: RenewalKey | None) -> None:
    certificate = plan.certificate
    is_served = bool(plan.endpoints)  # by programs that do not mind what it says of itself
    if certificate.is_authority and not is_served:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"{certificate.name_on_record} is no certificate of a server, so it is not renewed.",
            "Name the certificate of a server.",
        )
    if not names_of(certificate):
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"{certificate.name_on_record} has {NO_NAME}, so it is not renewed.",
            request_instead(plan),
        )
    if plan.authority is None:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"No authority is known that would renew {certificate.name_on_record}.",
            "Name one with --authority NAME; certwright authorities list shows those there are.",
        )
    if key is RenewalKey.SAME and not stored.has_private_key:
        raise CertwrightError(
            ErrorCode.NO_PRIVATE_KEY,
            f"The private key of {certificate.name_on_record} is not here, so it cannot stay "
            "the same.",
            "Renew it with a new key.",
        )


def _record(
    server: Server,
    connection: Connection,
    stored: StoredCertificate,
    renewal: int,
    caller: Caller,
) -> None:
    certificate = stored.certificate
    record_event(
        connection,
        Event(
            at=server.now(),
            actor=caller.name,
            kind="renewal-begun",
            subject=certificate.fingerprint,
            message=f"Renewal {renewal} of {certificate.name_on_record} begun",
            good=True,
        ),
    )
