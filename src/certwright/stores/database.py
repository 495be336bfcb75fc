"""The node's own certificate store, in its database."""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from certwright.database.search_words import certificate_words, sort_key
from certwright.database.tables import (
    certificates,
    expiry_counts,
    metadata,
    private_keys,
    store_entries,
)
from certwright.errors import CertwrightError, ErrorCode
from certwright.stores.place import PERSONAL, Place
from certwright.stores.store import StoredCertificate
from certwright.x509.certificate import Certificate
from certwright.x509.text import listed, printable

_SHORTEST_PREFIX = 4
_MOST_ALIKE = 100
_DEEPEST_CHAIN = 16
"""Twice what clients go along with; what is longer is a mistake or an attack."""


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
            subject_key=sort_key(certificate.subject),
            common_name=certificate.common_name,
            names=list(certificate.names),
            issuer=certificate.issuer,
            issuer_name=certificate.issuer_name,
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
            has_private_key=exists().where(
                private_keys.c.key_fingerprint == certificate.key_fingerprint
            ),
            not_before=certificate.not_before,
            not_after=certificate.not_after,
            name_key=sort_key(certificate.short_name),
            issuer_key=sort_key(certificate.issuer_name),
            search_words=_words(certificate, friendly_name),
        )
        .on_conflict_do_nothing()
        .returning(store_entries.c.fingerprint)
    )
    return added.one_or_none() is not None


def _words(certificate: Certificate, friendly_name: str) -> Any:
    words = certificate_words(certificate, friendly_name)
    return func.array_to_tsvector(cast(words, ARRAY(Text)))


def delete_entry(connection: Connection, fingerprint: str, place: Place) -> bool:
    """Take a certificate out of one store; False if it was not there.

    Its bytes go too once no store holds it and nothing on record (an endpoint, an authority, an
    activation, an issuance) names it.
    """
    deleted = connection.execute(
        delete(store_entries)
        .where(lies_in(place), store_entries.c.fingerprint == fingerprint)
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
    certificate = get_entry(connection, fingerprint, place).certificate
    _change_entry(
        connection,
        fingerprint,
        place,
        friendly_name=text,
        search_words=_words(certificate, text),
    )


def set_entry_archived(
    connection: Connection, fingerprint: str, place: Place, archived: bool
) -> None:
    """Keep it without offering it, or offer it again; raises NOT_FOUND."""
    _change_entry(connection, fingerprint, place, archived=archived)


def _change_entry(connection: Connection, fingerprint: str, place: Place, **values: Any) -> None:
    changed = connection.execute(
        update(store_entries)
        .where(lies_in(place), store_entries.c.fingerprint == fingerprint)
        .values(**values)
    )
    if changed.rowcount == 0:
        raise _not_found(fingerprint, place)


def get_entry(connection: Connection, fingerprint: str, place: Place) -> StoredCertificate:
    """The certificate with this whole fingerprint in that store; raises NOT_FOUND."""
    query = _entries().where(lies_in(place), store_entries.c.fingerprint == fingerprint)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise _not_found(fingerprint, place)
    return _stored(row)


def get_entries(
    connection: Connection, wanted: Sequence[tuple[str, Place]]
) -> tuple[StoredCertificate, ...]:
    """Those of `wanted` (whole fingerprint, and store) that are there, in the order given."""
    query = _entries().where(store_entries.c.fingerprint.in_([name for name, _ in wanted]))
    rows = map(_stored, connection.execute(query))
    found = {(one.certificate.fingerprint, one.place): one for one in rows}
    return tuple(found[one] for one in wanted if one in found)


def entries_with_key(connection: Connection, key_fingerprint: str) -> tuple[StoredCertificate, ...]:
    """Every certificate of this public key, in whichever store it lies, the first stored first."""
    query = _entries().where(certificates.c.key_fingerprint == key_fingerprint)
    query = query.order_by(store_entries.c.number)
    return tuple(_stored(row) for row in connection.execute(query))


def count_with_key(connection: Connection, key_fingerprint: str) -> int:
    """How many entries have a certificate of this public key."""
    alike = select(func.count()).select_from(store_entries.join(certificates))
    number: int = connection.execute(
        alike.where(certificates.c.key_fingerprint == key_fingerprint)
    ).scalar_one()
    return number


def places_of(connection: Connection, fingerprint: str) -> tuple[Place, ...]:
    """The stores that hold the certificate with this whole fingerprint."""
    place = (store_entries.c.machine, store_entries.c.location, store_entries.c.store)
    rows = connection.execute(
        select(*place).where(store_entries.c.fingerprint == fingerprint).order_by(*place)
    )
    return tuple(Place(row.machine, row.location, row.store) for row in rows)


def list_certificates(
    connection: Connection, places: Sequence[Place]
) -> tuple[StoredCertificate, ...]:
    """All that lies in `places`, by name, the latest expiry first; not for stores of leaves."""
    query = (
        _entries()
        .where(or_(*(lies_in(place) for place in places)))
        .order_by(
            certificates.c.common_name, certificates.c.not_after.desc(), certificates.c.fingerprint
        )
    )
    return tuple(_stored(row) for row in connection.execute(query))


def list_self_issued(connection: Connection, places: Sequence[Place]) -> tuple[Certificate, ...]:
    """Those in `places` that have one name as subject and issuer, in an order that stays."""
    query = _lying_in(places).where(certificates.c.subject == certificates.c.issuer)
    return tuple(map(_read_authority, connection.scalars(query)))


def list_issuers(
    connection: Connection, leaves: Iterable[Certificate], places: Sequence[Place]
) -> tuple[Certificate, ...]:
    """What lies in `places` and, by its name, may stand above one of `leaves`.

    Looked up name by name: a store may hold a thousand authorities, and a chain has two.
    """
    found: list[Certificate] = []
    wanted = {sort_key(one.issuer) for one in leaves}
    asked: set[str] = set()
    for _ in range(_DEEPEST_CHAIN):
        if not wanted:
            break
        query = _lying_in(places).where(certificates.c.subject_key.in_(wanted))
        above = [_read_authority(der) for der in connection.scalars(query)]
        found += above
        asked |= wanted
        wanted = {sort_key(one.issuer) for one in above} - asked
    return tuple(found)


@lru_cache(maxsize=2000)
def _read_authority(der: bytes) -> Certificate:
    """Kept, with what was found out about its signature: it is asked for at every judgement."""
    return Certificate.from_der(der)


def _lying_in(places: Sequence[Place]) -> Select[Any]:
    entry = exists().where(
        store_entries.c.fingerprint == certificates.c.fingerprint,
        or_(*(lies_in(place) for place in places)),
    )
    return select(certificates.c.der).where(entry).order_by(certificates.c.fingerprint)


def count_by_place(connection: Connection) -> dict[Place, int]:
    """How many certificates lie in each store that has any."""
    place = (expiry_counts.c.machine, expiry_counts.c.location, expiry_counts.c.store)
    counted = func.sum(expiry_counts.c.number)
    rows = connection.execute(
        select(*place, counted.label("number")).group_by(*place).having(counted > 0)
    )
    return {Place(row.machine, row.location, row.store): int(row.number) for row in rows}


def find_certificate(
    connection: Connection, identifier: str, place: Place | None = None
) -> StoredCertificate:
    """By thumbprint, fingerprint, or a prefix of either that only one certificate has.

    Spaces and colons do not count, nor does case: what Windows shows can be pasted. A `place`
    is looked at alone. Without one, of a certificate in several stores, the entry in Personal is
    given, else always the same one.
    Raises NOT_FOUND, AMBIGUOUS, or INVALID_INPUT for what is no such identifier.
    """
    wanted = plain_digits(identifier)
    if wanted is None or len(wanted) < _SHORTEST_PREFIX:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "A certificate is named by its thumbprint or fingerprint, "
            f"or by at least its first {_SHORTEST_PREFIX} digits.",
            "Find it with: certwright certificates list",
        )
    query = _entries().where(begins_with(wanted)).limit(_MOST_ALIKE)
    if place is not None:
        query = query.where(lies_in(place))
    found = _each_once(_stored(row) for row in connection.execute(query))
    if not found:
        raise _not_found(wanted, place)
    if len(found) > 1:
        names = listed(tuple(sorted(one.certificate.thumbprint[:12] for one in found.values())))
        raise CertwrightError(
            ErrorCode.AMBIGUOUS,
            f"{wanted} fits {len(found)} certificates: {names}.",
            "Give more digits of the one that is meant.",
        )
    return next(iter(found.values()))


def entries_of(
    connection: Connection, fingerprints: Collection[str]
) -> dict[str, StoredCertificate]:
    """Those with these whole fingerprints, each as `find_certificate` would give it."""
    query = _entries().where(certificates.c.fingerprint.in_(fingerprints))
    return _each_once(_stored(row) for row in connection.execute(query))


def _each_once(entries: Iterable[StoredCertificate]) -> dict[str, StoredCertificate]:
    """By fingerprint, the entry in Personal before others."""
    last_best = sorted(entries, key=lambda entry: (entry.place == PERSONAL, entry.place.title))
    return {entry.certificate.fingerprint: entry for entry in last_best}


def _not_found(fingerprint: str, place: Place | None) -> CertwrightError:
    where = "the stores" if place is None else place.title
    return CertwrightError(
        ErrorCode.NOT_FOUND,
        f"There is no certificate {printable(fingerprint, 64)} in {where}.",
        "Find it with: certwright certificates list",
    )


def begins_with(digits: str) -> ColumnElement[bool]:
    """Which certificates' thumbprint or fingerprint begins with these lower-case hex digits.

    Written as a range, because an index finds it whatever the database's collation.
    """
    return or_(
        *(
            and_(column >= digits, column < digits + "g")
            for column in (certificates.c.fingerprint, certificates.c.thumbprint)
        )
    )


def plain_digits(text: str) -> str | None:
    """The hex digits of `text` in lower case, however they are grouped; None if it is no number."""
    digits = "".join(c for c in text if not _is_separator(c)).lower()
    return digits if set(digits) <= set("0123456789abcdef") else None


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


def lies_in(place: Place) -> ColumnElement[bool]:
    """Which entries belong to the store `place`."""
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
