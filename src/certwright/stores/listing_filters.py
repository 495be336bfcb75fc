"""The filters of a list as conditions on the rows of `store_entries`."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, cast, false, or_, select
from sqlalchemy.dialects.postgresql import TSQUERY

from certwright.database.search_words import search_terms, serial_word
from certwright.database.tables import certificates, store_entries
from certwright.stores.database import begins_with, lies_in, plain_digits
from certwright.stores.listing_query import SOON, ListingQuery, Status

_SHORTEST_PREFIX = 4
_MOST_ALIKE = 200

Condition = ColumnElement[bool]


def conditions(connection: Connection, query: ListingQuery, now: datetime) -> list[Condition]:
    """Everything that `query` demands of an entry but its store."""
    entry = store_entries.c
    found: list[Condition] = []
    if query.archived is not None:
        found.append(entry.archived if query.archived else ~entry.archived)
    if query.has_private_key is not None:
        found.append(entry.has_private_key if query.has_private_key else ~entry.has_private_key)
    if query.status is not None:
        found.append(_has_status(query.status, now))
    if query.expires_from is not None:
        found.append(entry.not_after >= query.expires_from)
    if query.expires_before is not None:
        found.append(entry.not_after < query.expires_before)
    if query.search.strip():
        found.append(_is_found(connection, query.search))
    return found


def lies_in_store(query: ListingQuery) -> list[Condition]:
    """The store that `query` names, if it names one."""
    return [lies_in(query.place)] if query.place is not None else []


def _has_status(status: Status, now: datetime) -> Condition:
    entry = store_entries.c
    if status is Status.EXPIRED:
        return entry.not_after < now
    if status is Status.NOT_YET_VALID:
        return entry.not_before > now
    if status is Status.EXPIRES_SOON:
        return and_(entry.not_after >= now, entry.not_after < now + SOON)
    return and_(entry.not_before <= now, entry.not_after >= now)


def _is_found(connection: Connection, search: str) -> Condition:
    ways: list[Condition] = []
    if terms := search_terms(search):
        ways.append(_has_words(" & ".join(map(_beginning, terms))))
    digits = plain_digits(search)
    if digits is not None and len(digits) >= _SHORTEST_PREFIX:
        alike = connection.execute(
            select(certificates.c.fingerprint).where(begins_with(digits)).limit(_MOST_ALIKE)
        )
        ways.append(store_entries.c.fingerprint.in_(list(alike.scalars())))
        if serial := digits.lstrip("0"):
            ways.append(_has_words(_beginning(serial_word(serial))))
    return or_(*ways) if ways else false()


def _has_words(words: str) -> Condition:
    return store_entries.c.search_words.bool_op("@@")(cast(words, TSQUERY))


def _beginning(term: str) -> str:
    return f"'{term}':*"
