"""Which certificates are to be renewed, when, by whom and why - or why nobody will."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import Connection, select

from certwright.authorities.authority import RenewalWindow
from certwright.authorities.internal import without_back_dating
from certwright.authorities.records import INTERNAL
from certwright.database.tables import certificates, suggested_windows
from certwright.errors import CertwrightError
from certwright.lifecycle.renewal.preferences import internal_lifetime
from certwright.lifecycle.renewal.record import (
    Renewal,
    RenewalState,
    Wanted,
    begin_renewal,
    latest_renewal_of,
    renewal_at_work,
    renewal_that_issued,
)
from certwright.lifecycle.renewal.timing import (
    Moment,
    QuietHours,
    floor_between,
    lifetime_of,
    outside,
    renewal_moment,
)
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    Endpoint,
    EndpointName,
    RenewalKey,
    endpoints_using,
    list_all_endpoints,
)
from certwright.stores.database import find_certificate
from certwright.stores.store import StoredCertificate
from certwright.x509.certificate import Certificate, is_signed_by
from certwright.x509.keys import key_type_like
from certwright.x509.names import ServerName, parse_certificate_name
from certwright.x509.profile import profile_of

ACTOR = "node"

log = structlog.get_logger()


class Outlook(StrEnum):
    """What will become of a certificate that is in use."""

    PLANNED = "planned"
    """It is renewed by itself when its time has come."""
    DUE = "due"
    """Its time has come."""
    AT_WORK = "at-work"
    """A renewal is under way; how it stands is its own story."""
    HELD = "held"
    """It was declined or refused, or issued only a moment ago."""
    NOBODY = "nobody"
    """No authority is known for it: somebody has to see to it."""


@dataclass(frozen=True)
class Plan:
    """What is to happen to one certificate in use, and why."""

    certificate: Certificate
    endpoints: tuple[Endpoint, ...]
    authority: str | None
    outlook: Outlook
    moment: Moment
    renewal: Renewal | None


def plans(server: Server, connection: Connection, quiet: QuietHours | None) -> tuple[Plan, ...]:
    """One for each certificate that an endpoint has active or saved, the next to happen first."""
    using: dict[str, list[Endpoint]] = {}
    for endpoint in list_all_endpoints(connection):
        choice = endpoint.active or endpoint.saved
        if choice.certificate is not None and choice.protocol.is_encrypted:
            using.setdefault(choice.certificate, []).append(endpoint)
    made: list[Plan] = []
    for fingerprint, used in using.items():
        try:
            stored = find_certificate(connection, fingerprint)
        except CertwrightError as error:
            # One that somebody took out of the database by hand keeps no other from its renewal.
            log.warning("no plan for a certificate", endpoint=used[0].name, reason=error.message)
        else:
            made.append(_plan(server, connection, stored, tuple(used), quiet))
    return tuple(sorted(made, key=lambda plan: plan.moment.at))


def begin_due(server: Server, quiet: QuietHours | None) -> tuple[int, ...]:
    """Begin a renewal for each certificate whose time has come; returns their numbers."""
    begun: list[int] = []
    with server.database.begin() as connection:
        for plan in plans(server, connection, quiet):
            if plan.outlook is Outlook.DUE:
                identifier = begin_for(server, connection, plan, ACTOR, plan.moment.reason)
                begun += [] if identifier is None else [identifier]
    return tuple(begun)


def begin_for(
    server: Server,
    connection: Connection,
    plan: Plan,
    actor: str,
    reason: str,
    key: RenewalKey | None = None,
    rehearsed_at: EndpointName | None = None,
) -> int | None:
    """Begin the renewal that `plan` is about; None if there is one, or nobody could issue it.

    `key` is None for what is set for its endpoints.
    """
    certificate = plan.certificate
    names = names_of(certificate)
    if plan.authority is None or not names:
        return None
    wanted = Wanted(
        certificate=certificate.fingerprint,
        names=names,
        authority=plan.authority,
        key=key or _key(plan.endpoints),
        key_type=key_type_like(certificate.public_key),
        lifetime=_lifetime(server, connection, certificate, plan.authority),
        actor=actor,
        reason=reason,
        rehearsed_at=rehearsed_at,
        profile=profile_of(certificate),
    )
    return begin_renewal(connection, wanted, server.now())


def plan_for(
    server: Server, connection: Connection, stored: StoredCertificate, quiet: QuietHours | None
) -> Plan:
    """What is to happen to any certificate in the store, whether an endpoint uses it or not."""
    using = endpoints_using(connection, stored.certificate.fingerprint)
    endpoints = tuple(one for one in using if one.node is None)
    return _plan(server, connection, stored, endpoints, quiet)


def names_of(certificate: Certificate) -> tuple[ServerName, ...]:
    """Its names as a request has them, the Common Name first where it is one of them."""
    texts = sorted(certificate.names, key=lambda name: name != certificate.common_name)
    return tuple(name for text in texts if (name := _readable(text)) is not None)


def _readable(text: str) -> ServerName | None:
    # What no authority would put into a certificate today is left out; that the new one lacks it
    # is told of before it is taken on.
    try:
        return parse_certificate_name(text)
    except CertwrightError:
        return None


def _plan(
    server: Server,
    connection: Connection,
    stored: StoredCertificate,
    endpoints: tuple[Endpoint, ...],
    quiet: QuietHours | None,
) -> Plan:
    certificate = stored.certificate
    authority = _authority(server, connection, certificate, endpoints)
    moment = renewal_moment(certificate, _window(connection, certificate), quiet)
    at_work = renewal_at_work(connection, certificate.fingerprint)
    if (now := server.now()) > moment.at:  # its hour was missed, and this may be a quiet one
        moment = outside(quiet, Moment(now, moment.reason), certificate.not_after)
    outlook, moment = _outlook(server, connection, certificate, authority, moment, at_work)
    return Plan(certificate, endpoints, authority, outlook, moment, at_work)


def _outlook(
    server: Server,
    connection: Connection,
    certificate: Certificate,
    authority: str | None,
    moment: Moment,
    at_work: Renewal | None,
) -> tuple[Outlook, Moment]:
    now = server.now()
    if at_work is not None:
        return Outlook.AT_WORK, Moment(at_work.again_at or now, at_work.sentence or moment.reason)
    if authority is None:
        return Outlook.NOBODY, Moment(
            moment.at,
            "No authority is known for it. Name one for its endpoint, or bring a new certificate "
            f"before it runs out: certwright settings set ENDPOINT.authority {INTERNAL}",
        )
    latest = latest_renewal_of(connection, certificate.fingerprint)
    if latest is not None and latest.state is RenewalState.DECLINED:
        return Outlook.HELD, Moment(
            moment.at,
            f"It is not renewed by itself any more. {latest.sentence} Begin one: certwright renew "
            f"{certificate.thumbprint[:8]}",
        )
    if now < moment.at:
        return Outlook.PLANNED, moment
    floor = _floor(connection, certificate)
    if floor is not None and now < floor:
        return Outlook.HELD, Moment(floor, "It was issued only a moment ago.")
    return Outlook.DUE, moment


def _authority(
    server: Server,
    connection: Connection,
    certificate: Certificate,
    endpoints: Iterable[Endpoint],
) -> str | None:
    """Whom somebody named for an endpoint, else who issued it as far as that is on record."""
    named = [one.renewal.authority for one in endpoints if one.renewal.authority is not None]
    if named:
        return named[0]
    brought_by = renewal_that_issued(connection, certificate.fingerprint)
    if brought_by is not None:
        return brought_by.wanted.authority
    return INTERNAL if is_signed_by(certificate, server.authority.intermediate) else None


def _key(endpoints: Iterable[Endpoint]) -> RenewalKey:
    same = any(one.renewal.key is RenewalKey.SAME for one in endpoints)
    return RenewalKey.SAME if same else RenewalKey.NEW


def _lifetime(
    server: Server, connection: Connection, certificate: Certificate, authority: str
) -> timedelta:
    """What is to be asked for: as set, as was asked for the last time, else as long as it is."""
    wanted = internal_lifetime(connection) if authority == INTERNAL else None
    if wanted is not None:
        return wanted
    brought_by = renewal_that_issued(connection, certificate.fingerprint)
    if brought_by is not None:
        return brought_by.wanted.lifetime
    if is_signed_by(certificate, server.authority.intermediate):
        return without_back_dating(lifetime_of(certificate))
    return lifetime_of(certificate)


def _window(connection: Connection, certificate: Certificate) -> RenewalWindow | None:
    row = connection.execute(
        select(suggested_windows).where(
            suggested_windows.c.certificate == certificate.fingerprint,
            suggested_windows.c.starts_at.is_not(None),
        )
    ).one_or_none()
    if row is None:
        return None
    return RenewalWindow(row.starts_at, row.ends_at, row.look_again_at, row.explanation)


def _floor(connection: Connection, certificate: Certificate) -> datetime | None:
    """Before which one that a renewal brought is not renewed again; None for any other.

    One that was taken on with a service, or imported, may be due or over on that very day.
    """
    if renewal_that_issued(connection, certificate.fingerprint) is None:
        return None
    added_at: datetime = connection.execute(
        select(certificates.c.added_at).where(certificates.c.fingerprint == certificate.fingerprint)
    ).scalar_one()
    return added_at + floor_between(lifetime_of(certificate))
