"""The filters of a list as conditions on rows that have the columns of `store_entries`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    cast,
    false,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from certwright.database.search_words import first_word, search_terms, serial_word
from certwright.database.tables import certificates
from certwright.stores.database import begins_with, lies_in, plain_digits
from certwright.stores.listing_query import SOON, ListingQuery, Status

_SHORTEST_PREFIX = 4
_MOST_ALIKE = 200

Condition = ColumnElement[bool]
Columns = Any
"""The columns of `store_entries`, or of a selection from it."""


@dataclass(frozen=True)
class Filters:
    """The filters of one query, resolved; they become conditions on any rows of entries.

    `terms` are looked for together; `others` (serial number) and `fingerprints` each by itself.
    """

    query: ListingQuery
    now: datetime
    terms: tuple[str, ...]
    others: tuple[str, ...]
    fingerprints: tuple[str, ...]

    def on(self, entry: Columns, *, within_names: bool = False) -> list[Condition]:
        """Everything demanded but the store; `within_names` not of a name's own beginning."""
        query = self.query
        found: list[Condition] = []
        if query.archived is not None:
            found.append(entry.archived if query.archived else ~entry.archived)
        if query.has_private_key is not None:
            with_key = entry.has_private_key
            found.append(with_key if query.has_private_key else ~with_key)
        found += self.of_expiry(entry)
        if query.status in {Status.VALID, Status.NOT_YET_VALID}:
            begun = entry.not_before <= self.now
            found.append(begun if query.status is Status.VALID else ~begun)
        if query.search.strip():
            found.append(self._is_found(entry, within_names))
        return found

    def of_expiry(self, entry: Columns) -> list[Condition]:
        """What is demanded of the expiry: in the order of expiries such rows stand together."""
        query = self.query
        found: list[Condition] = []
        if query.status in {Status.VALID, Status.EXPIRES_SOON}:
            found.append(entry.not_after >= self.now)
        if query.status is Status.EXPIRES_SOON:
            found.append(entry.not_after < self.now + SOON)
        if query.status is Status.EXPIRED:
            found.append(entry.not_after < self.now)
        if query.expires_from is not None:
            found.append(entry.not_after >= query.expires_from)
        if query.expires_before is not None:
            found.append(entry.not_after < query.expires_before)
        return found

    def _is_found(self, entry: Columns, within_names: bool) -> Condition:
        ways: list[Condition] = []
        if self.terms:
            ways.append(_has_words(entry, " & ".join(_terms(self.terms, within_names))))
        ways += [_has_words(entry, _beginning(word)) for word in self.others]
        if self.fingerprints:
            ways.append(entry.fingerprint.in_(self.fingerprints))
        return or_(*ways) if ways else false()


def resolve_filters(connection: Connection, query: ListingQuery, now: datetime) -> Filters:
    """Look up what of the search is a thumbprint or fingerprint."""
    digits = plain_digits(query.search)
    others: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    if digits is not None and len(digits) >= _SHORTEST_PREFIX:
        alike = connection.execute(
            select(certificates.c.fingerprint).where(begins_with(digits)).limit(_MOST_ALIKE)
        )
        fingerprints = tuple(alike.scalars())
        serial = digits.lstrip("0")
        others = (serial_word(serial),) if serial else ()
    return Filters(query, now, search_terms(query.search), others, fingerprints)


def lies_in_store(query: ListingQuery) -> list[Condition]:
    """The store that `query` names, if it names one."""
    return [lies_in(query.place)] if query.place is not None else []


def _terms(terms: tuple[str, ...], within_names: bool) -> list[str]:
    first, *more = (f"({_beginning(first_word(t))} | {_beginning(t)})" for t in terms)
    return [_beginning(terms[0]) if within_names else first, *more]


def _has_words(entry: Columns, words: str) -> Condition:
    condition: Condition = entry.search_words.bool_op("@@")(cast(words, TSQUERY))
    return condition


def _beginning(term: str) -> str:
    return f"'{term}':*"
