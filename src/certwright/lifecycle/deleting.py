"""Deleting a certificate and its private key, never one that anything still uses."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from certwright.access.rights import Caller, Right, require
from certwright.database.node_views import THIS_NODE
from certwright.database.tables import activations_of_nodes, authorities
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import issuers_at_hand
from certwright.services.endpoints import Endpoint, hold_endpoints, list_endpoints_of_nodes
from certwright.stores.database import (
    count_with_key,
    delete_entry,
    find_certificate,
    get_certificate,
    places_of,
)
from certwright.stores.place import INTERMEDIATE, TRUSTED_ROOT, Place
from certwright.stores.store import StoredCertificate
from certwright.stores.turns import changing_stores
from certwright.x509.text import listed


@dataclass(frozen=True)
class Deleted:
    """What is gone: a certificate from its store, and perhaps its private key with it."""

    entry: StoredCertificate
    private_key: bool


def delete_certificate(
    server: Server, identifier: str, *, place: Place | None = None, caller: Caller
) -> Deleted:
    """Take a certificate out of a store, its private key too unless another one has that key.

    Raises NOT_PERMITTED (losing a private key needs Admin, everything else Create), NOT_FOUND,
    AMBIGUOUS, or CERTIFICATE_IN_USE naming what uses it.
    """
    require(caller, Right.CREATE, "delete a certificate")
    with changing_stores(server.database) as connection:
        # Nobody may select meanwhile what is about to go.
        hold_endpoints(connection)
        entry = find_certificate(connection, identifier, place)
        certificate = entry.certificate
        loses_key = entry.has_private_key and _is_last_with_key(connection, entry)
        if loses_key:
            require(caller, Right.ADMIN, "delete a private key")
        _refuse_used(connection, entry, server.now())
        delete_entry(connection, certificate.fingerprint, entry.place)
        if loses_key:
            server.vault.delete(connection, certificate.key_fingerprint)
        with_key = " with its private key" if loses_key else ""
        record_event(
            connection,
            Event(
                at=server.now(),
                actor=caller.name,
                kind="certificate-deleted",
                subject=certificate.fingerprint,
                message=f"{certificate.name_on_record} deleted from {entry.place.title}{with_key}",
                good=True,
            ),
        )
    return Deleted(entry, loses_key)


def uses_of(server: Server, entry: StoredCertificate) -> tuple[str, ...]:
    """What uses the certificate so that it cannot be deleted, as people say it."""
    with server.database.connect() as connection:
        return _uses(connection, entry, server.now())


def _is_last_with_key(connection: Connection, entry: StoredCertificate) -> bool:
    return count_with_key(connection, entry.certificate.key_fingerprint) == 1


def _refuse_used(connection: Connection, entry: StoredCertificate, now: datetime) -> None:
    uses = _uses(connection, entry, now)
    if not uses:
        return
    name = entry.certificate.short_name
    raise CertwrightError(
        ErrorCode.CERTIFICATE_IN_USE,
        f"{name} is not deleted: it is {listed(uses)}.",
        "Select and activate another certificate there first; "
        "to keep it but see it no longer, archive it.",
    )


def _uses(connection: Connection, entry: StoredCertificate, now: datetime) -> tuple[str, ...]:
    if entry.place != TRUSTED_ROOT and _lies_elsewhere(connection, entry):
        return ()  # the copy that stays does as well; only in Trusted Root the place itself counts
    return tuple(
        dict.fromkeys(
            (
                *_own_uses(connection, entry, now),
                *_uses_by_authorities(connection, entry),
                *_uses_in_chains(connection, entry),
            )
        )
    )


def _lies_elsewhere(connection: Connection, entry: StoredCertificate) -> bool:
    return places_of(connection, entry.certificate.fingerprint) != (entry.place,)


def _own_uses(connection: Connection, entry: StoredCertificate, now: datetime) -> list[str]:
    fingerprint = entry.certificate.fingerprint
    uses = []
    for one in list_endpoints_of_nodes(connection):
        if fingerprint in (one.saved.certificate, one.active and one.active.certificate):
            is_active = one.active is not None and one.active.certificate == fingerprint
            uses.append(
                f"what {one.in_words} serves" if is_active else f"selected for {one.in_words}"
            )
        elif entry.certificate.not_after > now and fingerprint in _former(connection, one):
            # One that has expired is no way back.
            uses.append(f"the way back of {one.in_words}, which served it until lately")
    return uses


def _former(connection: Connection, endpoint: Endpoint) -> tuple[str | None, ...]:
    table = activations_of_nodes
    latest = connection.execute(
        select(table.c.certificate, table.c.former_certificate)
        .where(
            table.c.node == (THIS_NODE if endpoint.node is None else endpoint.node),
            table.c.endpoint == endpoint.name,
        )
        .order_by(table.c.id.desc())
        .limit(1)
    ).one_or_none()
    return () if latest is None else (latest.certificate, latest.former_certificate)


def _uses_by_authorities(connection: Connection, entry: StoredCertificate) -> list[str]:
    fingerprint = entry.certificate.fingerprint
    uses = []
    for row in connection.execute(select(authorities).order_by(authorities.c.name)):
        if fingerprint == row.root:
            uses.append(f"the root of the authority {row.name}")
        if fingerprint == row.intermediate:
            uses.append(f"what the authority {row.name} issues with")
    return uses


def _uses_in_chains(connection: Connection, entry: StoredCertificate) -> list[str]:
    if entry.place not in (INTERMEDIATE, TRUSTED_ROOT):
        return []
    served = {
        choice.certificate: one.in_words
        for one in list_endpoints_of_nodes(connection)
        for choice in (one.saved, one.active)
        if choice is not None and choice.certificate is not None
    }
    return [
        f"in the chain of what {words} serves"
        for fingerprint, words in served.items()
        if entry.certificate
        in issuers_at_hand(connection, get_certificate(connection, fingerprint))
    ]
