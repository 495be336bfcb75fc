"""Pages of the node's own stores: sorted, filtered, searched, quick at a million certificates.

A page begins where the one before it ends, by what the list is sorted by (keyset), never by a
count of rows to skip. What a filter lets through is gathered and sorted while it is little; where
it is much, the rows are walked in their order and the filter soon lets a page through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    func,
    literal,
    select,
    true,
    tuple_,
    union_all,
)

from certwright.database.tables import certificates, store_entries
from certwright.stores.database import count_by_place, lies_in
from certwright.stores.listing_cursor import Cursor, Key, read_cursor, write_cursor
from certwright.stores.listing_filters import Condition, conditions, lies_in_store
from certwright.stores.listing_query import ListingQuery, Sort
from certwright.stores.place import Place

MOST_GATHERED = 10_000
"""Up to so many rows of a filtered list are counted exactly, and sorted after they are found."""
MOST_ROWS = 500
"""Of one page."""

_KEYS: dict[Sort, ColumnElement[Any]] = {
    Sort.NAME: store_entries.c.name_key,
    Sort.ISSUER: store_entries.c.issuer_key,
    Sort.NOT_BEFORE: store_entries.c.not_before,
    Sort.NOT_AFTER: store_entries.c.not_after,
    Sort.ADDED: store_entries.c.added_at,
}
_TIMES = frozenset({Sort.NOT_BEFORE, Sort.NOT_AFTER, Sort.ADDED})
_ENTRY = (
    store_entries.c.machine,
    store_entries.c.location,
    store_entries.c.store,
    store_entries.c.fingerprint,
    store_entries.c.friendly_name,
    store_entries.c.archived,
    store_entries.c.added_at,
    store_entries.c.number,
    store_entries.c.has_private_key,
    store_entries.c.not_before,
    store_entries.c.not_after,
)
_CERTIFICATE = (
    certificates.c.thumbprint,
    certificates.c.common_name,
    certificates.c.subject,
    certificates.c.issuer,
    certificates.c.issuer_name,
)


@dataclass(frozen=True)
class ListedCertificate:
    """A row of a list: what is shown of a certificate without reading the certificate itself."""

    fingerprint: str
    thumbprint: str
    place: Place
    name: str
    friendly_name: str
    issuer_name: str
    is_self_issued: bool
    not_before: datetime
    not_after: datetime
    has_private_key: bool
    archived: bool
    added_at: datetime


@dataclass(frozen=True)
class Total:
    """How many certificates a list has; at least so many where `is_exact` is not set."""

    number: int
    is_exact: bool


@dataclass(frozen=True)
class ListingPage:
    """Rows in the order asked for; `first` is the position of the first one, from 1."""

    entries: tuple[ListedCertificate, ...]
    first: int
    previous: str | None
    next: str | None
    total: Total


def page(connection: Connection, query: ListingQuery, now: datetime) -> ListingPage:
    """One page of `query`; raises INVALID_INPUT for a cursor that is none of this order."""
    search = _Search(query, now, conditions(connection, query, now), _cursor(query))
    counts = count_by_place(connection)
    held = sum(counts.values()) if query.place is None else counts.get(query.place, 0)
    if query.is_filtered or query.archived or held <= MOST_GATHERED:
        rows, total = _gather(connection, search)
        if total.is_exact:
            return _page(search, rows, total)
    else:
        total = _without_archived(connection, query, held)
    places = [query.place] if query.place is not None else sorted(counts, key=_title)
    return _page(search, _walk(connection, search, places), total)


@dataclass(frozen=True)
class _Search:
    query: ListingQuery
    now: datetime
    conditions: Sequence[Condition]
    cursor: Cursor | None

    @property
    def size(self) -> int:
        return max(1, min(self.query.size, MOST_ROWS))

    @property
    def backwards(self) -> bool:
        """Whether rows are read against the order shown: those before a cursor."""
        return bool(self.query.before)

    @property
    def falling(self) -> bool:
        """Whether rows are read from the greatest key down."""
        return self.query.descending != self.backwards

    def ordered(self, rows: Select[Any], key: Any, number: Any) -> Select[Any]:
        """`rows` from the cursor on, one more than a page."""
        if self.cursor is not None:
            # As bound values; a row comparison is what an index on both columns answers at once.
            last = tuple_(literal(self.cursor.key, key.type), literal(self.cursor.number))
            ours = tuple_(key, number)
            rows = rows.where(ours < last if self.falling else ours > last)
        order = (key.desc(), number.desc()) if self.falling else (key, number)
        return rows.order_by(*order).limit(self.size + 1)


def _cursor(query: ListingQuery) -> Cursor | None:
    text = query.after or query.before
    return read_cursor(text, of_times=query.sort in _TIMES) if text else None


def _title(place: Place) -> tuple[str, str, str]:
    return (place.machine, place.location, place.store)


def _gather(connection: Connection, search: _Search) -> tuple[list[Row[Any]], Total]:
    """Find what the filter lets through, count it, and sort it: quick while it is little."""
    found = (
        select(*_ENTRY, _KEYS[search.query.sort].label("key"))
        .where(*lies_in_store(search.query), *search.conditions)
        .limit(MOST_GATHERED + 1)
        .cte("found")
        .prefix_with("materialized", dialect="postgresql")
    )
    rows = search.ordered(select(found), found.c.key, found.c.number).subquery("page")
    counted = select(func.count().label("total")).select_from(found).subquery("counted")
    answer = connection.execute(
        select(counted.c.total, rows, *_CERTIFICATE)
        .select_from(
            counted.outerjoin(rows, true()).outerjoin(
                certificates, certificates.c.fingerprint == rows.c.fingerprint
            )
        )
        .order_by(*_same_order(search, rows))
    ).all()
    number = answer[0].total
    total = Total(min(number, MOST_GATHERED), is_exact=number <= MOST_GATHERED)
    return [row for row in answer if row.number is not None], total


def _walk(connection: Connection, search: _Search, places: Sequence[Place]) -> list[Row[Any]]:
    """Read the stores in their order until the filter has let a page through."""
    key = _KEYS[search.query.sort]
    parts = [
        search.ordered(
            select(*_ENTRY, key.label("key")).where(lies_in(place), *search.conditions),
            key,
            store_entries.c.number,
        ).subquery()
        for place in places
    ]
    together = union_all(*(select(part) for part in parts)).subquery("together")
    rows = search.ordered(select(together), together.c.key, together.c.number).subquery("page")
    answer = connection.execute(
        select(rows, *_CERTIFICATE)
        .join_from(rows, certificates, certificates.c.fingerprint == rows.c.fingerprint)
        .order_by(*_same_order(search, rows))
    )
    return list(answer)


def _same_order(search: _Search, rows: Subquery) -> tuple[ColumnElement[Any], ...]:
    order = (rows.c.key, rows.c.number)
    return tuple(column.desc() for column in order) if search.falling else order


def _without_archived(connection: Connection, query: ListingQuery, held: int) -> Total:
    if query.archived is None:
        return Total(held, is_exact=True)
    archived = (
        select(store_entries.c.number)
        .where(*lies_in_store(query), store_entries.c.archived)
        .limit(MOST_GATHERED + 1)
        .subquery()
    )
    number = connection.execute(select(func.count()).select_from(archived)).scalar_one()
    if number > MOST_GATHERED:
        return Total(MOST_GATHERED, is_exact=False)
    return Total(held - number, is_exact=True)


def _page(search: _Search, rows: list[Row[Any]], total: Total) -> ListingPage:
    """Pure: the page that `rows`, one more than shown if there are more, make."""
    has_more = len(rows) > search.size
    shown = rows[: search.size]
    if search.backwards:
        shown.reverse()
    first = _first_position(search, has_more, len(shown))
    has_previous = has_more if search.backwards else search.cursor is not None
    has_next = search.cursor is not None if search.backwards else has_more
    return ListingPage(
        entries=tuple(map(_listed, shown)),
        first=first,
        previous=_beside(shown[0], first - 1) if shown and has_previous else None,
        next=_beside(shown[-1], first - 1 + len(shown)) if shown and has_next else None,
        total=total,
    )


def _first_position(search: _Search, has_more: bool, shown: int) -> int:
    if search.cursor is None:
        return 1
    if not search.backwards:
        return search.cursor.position + 1
    return max(1, search.cursor.position - shown + 1) if has_more else 1


def _beside(row: Row[Any], position: int) -> str:
    key: Key = row.key
    return write_cursor(Cursor(key, row.number, position))


def _listed(row: Row[Any]) -> ListedCertificate:
    return ListedCertificate(
        fingerprint=row.fingerprint,
        thumbprint=row.thumbprint,
        place=Place(row.machine, row.location, row.store),
        name=row.common_name or row.subject or "",
        friendly_name=row.friendly_name,
        issuer_name=row.issuer_name,
        is_self_issued=row.subject == row.issuer,
        not_before=row.not_before,
        not_after=row.not_after,
        has_private_key=row.has_private_key,
        archived=row.archived,
        added_at=row.added_at,
    )
