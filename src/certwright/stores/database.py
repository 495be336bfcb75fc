"""The node's own certificate store, in its database."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from certwright.database.tables import certificates, metadata, private_keys, store_entries
from certwright.errors import CertwrightError, ErrorCode
from certwright.stores.place import PERSONAL, Place
from certwright.stores.store import StoredCertificate
from certwright.x509.certificate import Certificate
from certwright.x509.text import listed, printable

_SHORTEST_PREFIX = 4


def add_certificate(
    connection: Connection,
    certificate: Certificate,
    place: Place,
    now: datetime,
    friendly_name: str = "",
) -> bool:
    """Put `certificate` into the store `place`; the same one twice is one. True if it was new."""
    connection.execute(
        insert(certificates)
        .values(
            fingerprint=certificate.fingerprint,
            thumbprint=certificate.thumbprint,
            der=certificate.der,
            subject=certificate.subject,
            common_name=certificate.common_name,
            names=list(certificate.names),
            issuer=certificate.issuer,
            serial=certificate.serial,
            not_before=certificate.not_before,
            not_after=certificate.not_after,
            key_fingerprint=certificate.key_fingerprint,
            is_authority=certificate.is_authority,
            added_at=now,
        )
        .on_conflict_do_nothing()
    )
    added = connection.execute(
        insert(store_entries)
        .values(
            machine=place.machine,
            location=place.location,
            store=place.store,
            fingerprint=certificate.fingerprint,
            friendly_name=friendly_name,
            archived=False,
            added_at=now,
        )
        .on_conflict_do_nothing()
        .returning(store_entries.c.fingerprint)
    )
    return added.one_or_none() is not None


def delete_entry(connection: Connection, fingerprint: str, place: Place) -> bool:
    """Take a certificate out of one store; False if it was not there.

    Its bytes go too once no store holds it and nothing on record (an endpoint, an authority, an
    activation, an issuance) names it.
    """
    deleted = connection.execute(
        delete(store_entries)
        .where(_lies_in(place), store_entries.c.fingerprint == fingerprint)
        .returning(store_entries.c.fingerprint)
    ).one_or_none()
    if deleted is None:
        return False
    connection.execute(
        delete(certificates).where(
            certificates.c.fingerprint == fingerprint,
            *(
                ~exists().where(key.parent == certificates.c.fingerprint)
                for table in metadata.tables.values()
                for key in table.foreign_keys
                if key.references(certificates)
            ),
        )
    )
    return True


def set_entry_friendly_name(
    connection: Connection, fingerprint: str, place: Place, text: str
) -> None:
    """What people call it in that store; raises NOT_FOUND."""
    _change_entry(connection, fingerprint, place, friendly_name=text)


def set_entry_archived(
    connection: Connection, fingerprint: str, place: Place, archived: bool
) -> None:
    """Keep it without offering it, or offer it again; raises NOT_FOUND."""
    _change_entry(connection, fingerprint, place, archived=archived)


def _change_entry(
    connection: Connection, fingerprint: str, place: Place, **values: str | bool
) -> None:
    changed = connection.execute(
        update(store_entries)
        .where(_lies_in(place), store_entries.c.fingerprint == fingerprint)
        .values(**values)
    )
    if changed.rowcount == 0:
        raise _not_found(fingerprint, place)


def get_entry(connection: Connection, fingerprint: str, place: Place) -> StoredCertificate:
    """The certificate with this whole fingerprint in that store; raises NOT_FOUND."""
    query = _entries().where(_lies_in(place), store_entries.c.fingerprint == fingerprint)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise _not_found(fingerprint, place)
    return _stored(row)


def entries_with_key(connection: Connection, key_fingerprint: str) -> tuple[StoredCertificate, ...]:
    """Every certificate of this public key, in whichever store it lies."""
    query = _entries().where(certificates.c.key_fingerprint == key_fingerprint)
    return tuple(_stored(row) for row in connection.execute(query))


def list_certificates(
    connection: Connection, places: Sequence[Place] = ()
) -> tuple[StoredCertificate, ...]:
    """What lies in `places` (all if none is named), by name, the latest expiry first."""
    query = _entries()
    if places:
        query = query.where(or_(*(_lies_in(place) for place in places)))
    query = query.order_by(certificates.c.common_name, certificates.c.not_after.desc())
    return tuple(_stored(row) for row in connection.execute(query))


def count_by_place(connection: Connection) -> dict[Place, int]:
    """How many certificates lie in each store that has any."""
    place = (store_entries.c.machine, store_entries.c.location, store_entries.c.store)
    rows = connection.execute(select(*place, func.count().label("number")).group_by(*place))
    return {Place(row.machine, row.location, row.store): row.number for row in rows}


def find_certificate(
    connection: Connection, identifier: str, place: Place | None = None
) -> StoredCertificate:
    """By thumbprint, fingerprint, or a prefix of either that only one certificate has.

    Spaces and colons do not count, nor does case: what Windows shows can be pasted. Of a
    certificate in several stores, the entry in `place` is given, else that in Personal, else
    always the same one.
    Raises NOT_FOUND, AMBIGUOUS, or INVALID_INPUT for what is no such identifier.
    """
    wanted = "".join(c for c in identifier if not _is_separator(c)).lower()
    if len(wanted) < _SHORTEST_PREFIX or not set(wanted) <= set("0123456789abcdef"):
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "A certificate is named by its thumbprint or fingerprint, "
            f"or by at least its first {_SHORTEST_PREFIX} digits.",
            "Find it with: certwright certificates list",
        )
    query = _entries().where(
        or_(
            certificates.c.fingerprint.startswith(wanted),
            certificates.c.thumbprint.startswith(wanted),
        )
    )
    entries = [_stored(row) for row in connection.execute(query)]
    entries.sort(key=lambda e: (e.place == place, e.place == PERSONAL, e.place.title))
    found = {entry.certificate.fingerprint: entry for entry in entries}
    if not found:
        raise CertwrightError(
            ErrorCode.NOT_FOUND,
            f"There is no certificate {wanted[:64]} in the store.",
            "Find it with: certwright certificates list",
        )
    if len(found) > 1:
        names = listed(tuple(sorted(one.certificate.thumbprint[:12] for one in found.values())))
        raise CertwrightError(
            ErrorCode.AMBIGUOUS,
            f"{wanted} fits {len(found)} certificates: {names}.",
            "Give more digits of the one that is meant.",
        )
    return next(iter(found.values()))


def _not_found(fingerprint: str, place: Place) -> CertwrightError:
    return CertwrightError(
        ErrorCode.NOT_FOUND,
        f"There is no certificate {printable(fingerprint, 64)} in {place.title}.",
        "Find it with: certwright certificates list",
    )


def _is_separator(character: str) -> bool:
    # Windows' certificate window puts an invisible mark before the first digit that is copied.
    return character in ": " or unicodedata.category(character) in {"Zs", "Cf", "Cc"}


def get_certificate(connection: Connection, fingerprint: str) -> Certificate:
    """The certificate with this whole fingerprint, which must be there."""
    der = connection.execute(
        select(certificates.c.der).where(certificates.c.fingerprint == fingerprint)
    ).scalar_one()
    return Certificate.from_der(der)


def _entries() -> Select[Any]:
    has_private_key = exists().where(
        private_keys.c.key_fingerprint == certificates.c.key_fingerprint
    )
    return select(
        certificates.c.fingerprint,
        certificates.c.thumbprint,
        certificates.c.der,
        store_entries.c.machine,
        store_entries.c.location,
        store_entries.c.store,
        store_entries.c.friendly_name,
        store_entries.c.archived,
        store_entries.c.added_at,
        has_private_key.label("has_private_key"),
    ).join_from(store_entries, certificates)


def _lies_in(place: Place) -> Any:
    return (
        (store_entries.c.machine == place.machine)
        & (store_entries.c.location == place.location)
        & (store_entries.c.store == place.store)
    )


def _stored(row: Row[Any]) -> StoredCertificate:
    return StoredCertificate(
        certificate=Certificate.from_der(row.der),
        place=Place(row.machine, row.location, row.store),
        friendly_name=row.friendly_name,
        has_private_key=row.has_private_key,
        archived=row.archived,
        added_at=row.added_at,
    )
