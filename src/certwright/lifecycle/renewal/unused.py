"""Certificates that no endpoint uses and that run out soon: a client's, or one that was exported.

Nobody here could bring a new one to where they are used, so they are renewed only when somebody
asks: it is told in time, once, with the command.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, extract, or_, select, text

from certwright.authorities.records import INTERNAL
from certwright.database.facts import keep_fact, read_fact
from certwright.database.tables import (
    certificates,
    endpoints_of_nodes,
    events,
    renewals,
    store_entries,
)
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.renewal.due import ACTOR, plan_for
from certwright.lifecycle.server import Server
from certwright.stores.database import find_certificate, get_certificate, lies_in
from certwright.stores.place import PERSONAL
from certwright.stores.store import StoredCertificate
from certwright.x509.certificate import Certificate
from certwright.x509.profile import Profile, profile_of
from certwright.x509.text import day

KIND = "unused-expiry"
_PARTS = 4
"""It is told when one of so many parts of the lifetime is left."""
_SOONEST = timedelta(days=30)
_MOST = 100
_MOST_NEWER = 20
_FACT = "unused-expiries-told"


@dataclass(frozen=True)
class Unused:
    """A certificate that runs out soon, and the sentence that says so and what to do."""

    certificate: Certificate
    sentence: str


def unused_and_expiring(server: Server, connection: Connection) -> tuple[Unused, ...]:
    """Those in Personal, the first to run out first, a hundred at most.

    Without what is archived, what has a successor, and what is being renewed.
    """
    return tuple(
        Unused(stored.certificate, _sentence(server, connection, stored))
        for stored in _expiring(connection, server.now())
        if not _is_superseded(connection, stored.certificate)
    )


def tell_of_unused(server: Server) -> None:
    """Record an event for each, once: by one node of those that share the store."""
    with server.database.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(hashtext(:name))"), {"name": _FACT})
        found = unused_and_expiring(server, connection)
        told = set(read_fact(connection, _FACT) or ())
        for one in found:
            fingerprint = one.certificate.fingerprint
            if fingerprint not in told:
                event = Event(server.now(), ACTOR, KIND, fingerprint, one.sentence, good=False)
                record_event(connection, event)
        if (now_told := {one.certificate.fingerprint for one in found}) != told:
            keep_fact(connection, _FACT, sorted(now_told))


def _expiring(connection: Connection, now: datetime) -> Iterator[StoredCertificate]:
    entry, endpoint = store_entries.c, endpoints_of_nodes.c
    fingerprint = entry.fingerprint
    left = extract("epoch", entry.not_after - now)
    lifetime = extract("epoch", entry.not_after - entry.not_before)
    is_used = or_(
        endpoint.saved_certificate == fingerprint, endpoint.active_certificate == fingerprint
    )
    is_ours = or_(entry.has_private_key, exists().where(renewals.c.issued == fingerprint))
    is_at_work = exists().where(
        renewals.c.certificate == fingerprint, renewals.c.finished_at.is_(None)
    )
    rows = connection.scalars(
        select(fingerprint)
        .join_from(store_entries, certificates)
        .where(
            lies_in(PERSONAL),
            entry.not_after > now,
            entry.not_after < now + _SOONEST,
            left * _PARTS < lifetime,
            ~entry.archived,
            ~certificates.c.is_authority,
            is_ours,
            ~exists().where(is_used),
            ~is_at_work,
        )
        .order_by(entry.not_after, entry.number)
        .limit(_MOST)
    ).all()
    return (find_certificate(connection, one, PERSONAL) for one in rows)


def _is_superseded(connection: Connection, certificate: Certificate) -> bool:
    """Whether another one for the same names and purpose lies there and lasts longer."""
    this = select(certificates.c.subject_key).where(
        certificates.c.fingerprint == certificate.fingerprint
    )
    newer = connection.scalars(
        select(certificates.c.fingerprint)
        .join_from(certificates, store_entries)
        .where(
            certificates.c.subject_key == this.scalar_subquery(),
            certificates.c.names == list(certificate.names),
            certificates.c.not_after > certificate.not_after,
            lies_in(PERSONAL),
            ~store_entries.c.archived,
        )
        .limit(_MOST_NEWER)
    ).all()
    wanted = profile_of(certificate)
    return any(profile_of(get_certificate(connection, one)) is wanted for one in newer)


def _sentence(server: Server, connection: Connection, stored: StoredCertificate) -> str:
    certificate = stored.certificate
    what = "client certificate" if profile_of(certificate) is Profile.CLIENT else "certificate"
    return " ".join(
        (
            f"The {what} {certificate.name_on_record} runs out on {day(certificate.not_after)}. "
            "No endpoint uses it, so it is not renewed by itself.",
            *_exported(connection, certificate),
            f"If it is needed still: {_command(server, connection, stored)}",
        )
    )


def _exported(connection: Connection, certificate: Certificate) -> Iterator[str]:
    """Who took it with its private key, which is as near as can be to who uses it."""
    row = connection.execute(
        select(events.c.actor, events.c.at)
        .where(events.c.subject == certificate.fingerprint, events.c.kind == "private-key-exported")
        .order_by(events.c.id.desc())
        .limit(1)
    ).one_or_none()
    if row is not None:
        yield f"It was exported with its private key by {row.actor} on {day(row.at)}."


def _command(server: Server, connection: Connection, stored: StoredCertificate) -> str:
    if not stored.has_private_key:
        return "certwright request --csr FILE, with a new signing request"
    renew = f"certwright renew {stored.certificate.thumbprint[:8]}"
    if plan_for(server, connection, stored, None).authority is None:
        renew = f"{renew} --authority {INTERNAL}"
    return f"{renew}, then export the new one"
