"""Which certificates are to be renewed, when, by whom and why - or why nobody will."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy import Connection, select

from certwright.authorities.authority import RenewalWindow
from certwright.authorities.records import INTERNAL
from certwright.database.tables import suggested_windows
from certwright.errors import CertwrightError
from certwright.lifecycle.renewal.record import (
    Renewal,
    RenewalState,
    latest_renewals_of,
    renewals_at_work,
    renewals_that_issued,
)
from certwright.lifecycle.renewal.story import words_of
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
    endpoints_using,
    list_all_endpoints,
)
from certwright.stores.database import entries_of
from certwright.stores.store import StoredCertificate
from certwright.x509.certificate import Certificate, is_signed_by
from certwright.x509.names import ServerName, parse_certificate_name

ACTOR = "node"
NO_NAME = "no name in its Subject Alternative Name that an authority could be asked for"
_BY_NOBODY = "It is not renewed by itself."

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
    """It was issued only a moment ago."""
    DECLINED = "declined"
    """Somebody did not want its renewal, or did not want to sign: it is not renewed by itself."""
    NOBODY = "nobody"
    """No authority is known for it, or none could issue it: somebody has to see to it."""


@dataclass(frozen=True)
class Plan:
    """What is to happen to one certificate in use, and why.

    `trouble` is why it is not renewed unless somebody does something, in a sentence; "" where it
    is.
    """

    certificate: Certificate
    endpoints: tuple[Endpoint, ...]
    authority: str | None
    outlook: Outlook
    moment: Moment
    renewal: Renewal | None
    trouble: str = ""

    @property
    def is_left_alone(self) -> bool:
        """Whether nobody renews it: it runs out unless somebody does something."""
        return self.outlook in {Outlook.DECLINED, Outlook.NOBODY}

    @property
    def warning(self) -> str:
        """`trouble` as it is told of what is served."""
        return f"{_BY_NOBODY} {self.trouble}" if self.is_left_alone else self.trouble


def plans(server: Server, connection: Connection, quiet: QuietHours | None) -> tuple[Plan, ...]:
    """One for each certificate that an endpoint has active or saved, the next to happen first."""
    using: dict[str, list[Endpoint]] = {}
    for endpoint in list_all_endpoints(connection):
        choice = endpoint.active or endpoint.saved
        if choice.certificate is not None and choice.protocol.is_encrypted:
            using.setdefault(choice.certificate, []).append(endpoint)
    stored = entries_of(connection, using)
    for fingerprint in using.keys() - stored.keys():
        # One that somebody took out of the database by hand keeps no other from its renewal.
        log.warning("no plan for a certificate", endpoint=using[fingerprint][0].name)
    record = _on_record(connection, stored)
    made = (
        _plan(server, stored[fingerprint], tuple(endpoints), record, quiet)
        for fingerprint, endpoints in using.items()
        if fingerprint in stored
    )
    return tuple(sorted(made, key=lambda plan: plan.moment.at))


def plan_for(
    server: Server, connection: Connection, stored: StoredCertificate, quiet: QuietHours | None
) -> Plan:
    """What is to happen to any certificate in the store, whether an endpoint uses it or not."""
    fingerprint = stored.certificate.fingerprint
    using = endpoints_using(connection, fingerprint)
    endpoints = tuple(one for one in using if one.node is None)
    return _plan(server, stored, endpoints, _on_record(connection, [fingerprint]), quiet)


def names_of(certificate: Certificate) -> tuple[ServerName, ...]:
    """Its names as a request has them, the Common Name first where it is one of them."""
    texts = sorted(certificate.names, key=lambda name: name != certificate.common_name)
    return tuple(name for text in texts if (name := _readable(text)) is not None)


def request_instead(plan: Plan) -> str:
    """What to do about a certificate that has no name to ask for."""
    names = [name for one in plan.endpoints for name in one.names]
    readable = next(filter(None, map(_readable, (*names, plan.certificate.common_name))), None)
    where = plan.endpoints[0].name if plan.endpoints else "ENDPOINT"
    return (
        f"Get another one: certwright request {readable.display if readable else 'NAME'}, then "
        f"use it: certwright select {where} ID, and certwright activate {where}"
    )


def _readable(text: str) -> ServerName | None:
    # What no authority would put into a certificate today is left out; that the new one lacks it
    # is told of before it is taken on.
    try:
        return parse_certificate_name(text)
    except CertwrightError:
        return None


@dataclass(frozen=True)
class _Record:
    """What is on record of certificates, by their fingerprints."""

    at_work: Mapping[str, Renewal]
    latest: Mapping[str, Renewal]
    brought_by: Mapping[str, Renewal]
    windows: Mapping[str, RenewalWindow]


def _on_record(connection: Connection, certificates: Collection[str]) -> _Record:
    return _Record(
        at_work=renewals_at_work(connection, certificates),
        latest=latest_renewals_of(connection, certificates),
        brought_by=renewals_that_issued(connection, certificates),
        windows=_windows(connection, certificates),
    )


def _plan(
    server: Server,
    stored: StoredCertificate,
    endpoints: tuple[Endpoint, ...],
    record: _Record,
    quiet: QuietHours | None,
) -> Plan:
    certificate = stored.certificate
    authority = _authority(server, certificate, endpoints, record)
    planned = renewal_moment(certificate, record.windows.get(certificate.fingerprint))
    # Its hour may have been missed, and this one may be a quiet one.
    at_earliest = Moment(max(planned.at, now := server.now()), planned.reason)
    moment = outside(quiet, at_earliest, certificate.not_after)
    at_work = record.at_work.get(certificate.fingerprint)
    plan = Plan(certificate, endpoints, authority, Outlook.PLANNED, moment, at_work)
    return _judged(plan, stored.added_at, record, now)


def _judged(plan: Plan, added_at: datetime | None, record: _Record, now: datetime) -> Plan:
    """`plan` with its outlook, and the moment and reason that go with that."""
    if plan.renewal is not None:
        at, reason = plan.renewal.again_at or now, words_of(plan.renewal) or plan.moment.reason
        trouble = _waiting_for_people(plan.renewal)
        return replace(plan, outlook=Outlook.AT_WORK, moment=Moment(at, reason), trouble=trouble)
    renew_it = f"certwright renew {plan.certificate.thumbprint[:8]}"
    if not names_of(plan.certificate):
        return _left_alone(plan, Outlook.NOBODY, f"It has {NO_NAME}.", request_instead(plan))
    latest = record.latest.get(plan.certificate.fingerprint)
    if latest is not None and latest.state is RenewalState.DECLINED:
        by = f" --authority {INTERNAL}" if plan.authority is None else ""
        return _left_alone(plan, Outlook.DECLINED, latest.sentence, f"Begin one: {renew_it}{by}")
    if plan.authority is None:
        trouble, where = "No authority is known for it.", plan.endpoints[:1]
        name_one = (
            f"certwright settings set {where[0].name}.authority {INTERNAL}"
            if where
            else f"{renew_it} --authority {INTERNAL}"
        )
        soon = "" if now > plan.certificate.not_after else " before it runs out"
        remedy = f"Name one, or bring a new certificate{soon}: {name_one}"
        return _left_alone(plan, Outlook.NOBODY, trouble, remedy)
    if now < plan.moment.at:
        return plan
    # Only what a renewal brought: one that was taken on with a service, or imported, may be due or
    # over on that very day.
    if added_at is not None and plan.certificate.fingerprint in record.brought_by:
        floor = added_at + floor_between(lifetime_of(plan.certificate))
        if now < floor:
            reason = "It was issued only a moment ago."
            return replace(plan, outlook=Outlook.HELD, moment=Moment(floor, reason))
    return replace(plan, outlook=Outlook.DUE)


def _left_alone(plan: Plan, outlook: Outlook, trouble: str, remedy: str) -> Plan:
    reason = f"{_BY_NOBODY} {trouble} {remedy}"
    moment = Moment(plan.moment.at, reason)
    return replace(plan, outlook=outlook, moment=moment, trouble=trouble)


def _waiting_for_people(renewal: Renewal) -> str:
    if renewal.waits_for_agreement:
        return "Its renewal waits for somebody's agreement."
    return "Its renewal waits for the signed answer." if renewal.waits_for_answer else ""


def _authority(
    server: Server, certificate: Certificate, endpoints: Iterable[Endpoint], record: _Record
) -> str | None:
    """Whom somebody named for an endpoint, else who issued it as far as that is on record."""
    named = [one.renewal.authority for one in endpoints if one.renewal.authority is not None]
    if named:
        return named[0]
    brought_by = record.brought_by.get(certificate.fingerprint)
    if brought_by is not None:
        return brought_by.wanted.authority
    return INTERNAL if is_signed_by(certificate, server.authority.intermediate) else None


def _windows(connection: Connection, certificates: Collection[str]) -> dict[str, RenewalWindow]:
    rows = connection.execute(
        select(suggested_windows).where(
            suggested_windows.c.certificate.in_(certificates),
            suggested_windows.c.starts_at.is_not(None),
        )
    )
    return {
        row.certificate: RenewalWindow(
            row.starts_at, row.ends_at, row.look_again_at, row.explanation
        )
        for row in rows
    }
