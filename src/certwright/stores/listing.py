"""Pages of the node's own stores: sorted, filtered, searched, quick at a million certificates.

A page begins where the one before it ends, by what the list is sorted by (keyset), never by a
count of rows to skip. Where a filter lets much through, a glance at some thousand rows in their
order finds a page; where it lets little through, all of it is gathered by an index and sorted.
PostgreSQL cannot tell the two apart for the beginning of a word, so neither is left to its planner.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Subquery,
    and_,
    func,
    literal,
    not_,
    select,
    true,
    tuple_,
    union_all,
)

from certwright.database.tables import certificates, store_entries
from certwright.stores.database import count_by_place, lies_in
from certwright.stores.expiries import count_between
from certwright.stores.listing_cursor import Cursor, Key, read_cursor, write_cursor
from certwright.stores.listing_filters import (
    Columns,
    Condition,
    Filters,
    lies_in_store,
    resolve_filters,
)
from certwright.stores.listing_page import ListingPage, Total, listed_certificate
from certwright.stores.listing_query import ListingQuery, Sort
from certwright.stores.place import Place

MOST_GATHERED = 10_000
"""Up to so many rows of a filtered list are counted exactly, and sorted after they are found."""
MOST_ROWS = 500
"""Of one page."""

_GLANCED = 5_000
_FURTHER = 4
_AFTER_ALL = "\U0010ffff"

_KEYS = {
    Sort.NAME: "name_key",
    Sort.ISSUER: "issuer_key",
    Sort.NOT_BEFORE: "not_before",
    Sort.NOT_AFTER: "not_after",
    Sort.ADDED: "added_at",
}
_KEY_COLUMNS = (store_entries.c.name_key, store_entries.c.issuer_key)
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
    certificates.c.is_authority,
    certificates.c.names[1].label("first_name"),
)


def page(
    connection: Connection,
    query: ListingQuery,
    now: datetime,
    counts: Mapping[Place, int] | None = None,
) -> ListingPage:
    """One page of `query`; raises INVALID_INPUT for a cursor that is none of this order.

    `counts` is what `count_by_place` gave, where the caller needs it too.
    """
    if counts is None:
        counts = count_by_place(connection)
    places = [query.place] if query.place is not None else sorted(counts, key=_title)
    search = _Search(query, resolve_filters(connection, query, now), _cursor(query), places)
    held = sum(counts.get(place, 0) for place in places)
    if held <= MOST_GATHERED:
        return _page(search, *_gather(connection, search, _all_rows(search)))
    if not (query.is_filtered or query.archived):
        rows = _walk(connection, search)
        return _page(search, rows, _without_archived(connection, query, held))
    for look in (_glance_ahead, _glance_at_names):
        rows = look(connection, search)
        if len(rows) > search.size:
            return _page(search, rows, _counted_by_day(connection, query))
    rows, total = _gather(connection, search, store_entries)
    if total is None:
        rows, total = _walk(connection, search), _counted_by_day(connection, query)
    return _page(search, rows, total)


@dataclass(frozen=True)
class _Search:
    query: ListingQuery
    filters: Filters
    cursor: Cursor | None
    places: Sequence[Place]

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

    def ordered(
        self, rows: Select[Any], key: Any, number: Any, most: int | None = None
    ) -> Select[Any]:
        """`rows` from the cursor on, one more than a page if not said otherwise."""
        if self.cursor is not None:
            # As bound values; a row comparison is what an index on both columns answers at once.
            last = tuple_(literal(self.cursor.key, key.type), literal(self.cursor.number))
            ours = tuple_(key, number)
            rows = rows.where(ours < last if self.falling else ours > last)
        order = (key.desc(), number.desc()) if self.falling else (key, number)
        return rows.order_by(*order).limit(most or self.size + 1)


def _cursor(query: ListingQuery) -> Cursor | None:
    text = query.after or query.before
    return read_cursor(text, of_times=query.sort in _TIMES) if text else None


def _key(search: _Search, entry: Columns) -> ColumnElement[Any]:
    key: ColumnElement[Any] = entry[_KEYS[search.query.sort]]
    return key


def _title(place: Place) -> tuple[str, str, str]:
    return (place.machine, place.location, place.store)


def _all_rows(search: _Search) -> Subquery:
    """A store that is small as a whole, so that no index of another, huge one is asked."""
    rows = select(*_ENTRY, store_entries.c.search_words, *_KEY_COLUMNS)
    return rows.where(*lies_in_store(search.query)).limit(MOST_GATHERED).subquery()


def _gather(
    connection: Connection,
    search: _Search,
    source: FromClause,
    *more: Condition,
    within_names: bool = False,
) -> tuple[list[Row[Any]], Total | None]:
    """Find all that the filter lets through, count it, and sort it; no total if it is too much."""
    entry = source.c
    where = [*search.filters.on(entry, within_names=within_names), *more]
    if source is store_entries:
        where += lies_in_store(search.query)
    found = (
        select(*(entry[column.name] for column in _ENTRY), _key(search, entry).label("key"))
        .where(*where)
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
    total = Total(answer[0].total, is_exact=True)
    found_rows = [row for row in answer if row.number is not None]
    return found_rows, total if total.number <= MOST_GATHERED else None


def _glance(
    connection: Connection, search: _Search, *within: Condition, most: int | None = None
) -> list[Row[Any]]:
    """What the filter lets through of the next rows in their order, at most a page."""
    key = _key(search, store_entries.c)
    if search.query.sort is Sort.NOT_AFTER:
        within += tuple(search.filters.of_expiry(store_entries.c))
    parts = []
    for place in search.places:
        rows = select(*_ENTRY, store_entries.c.search_words, key.label("key"))
        window = search.ordered(
            rows.where(lies_in(place), *within), key, store_entries.c.number, most or _GLANCED
        ).subquery()
        columns = [window.c[column.name] for column in _ENTRY]
        let_through = select(*columns, window.c.key).where(*search.filters.on(window.c))
        parts.append(let_through.limit(search.size + 1))
    return _together(connection, search, parts)


def _glance_ahead(connection: Connection, search: _Search) -> list[Row[Any]]:
    """A glance, and where it nearly filled the page, one that goes further."""
    rows = _glance(connection, search)
    if len(rows) <= search.size < len(rows) * _FURTHER:
        rows = _glance(connection, search, most=_FURTHER * _GLANCED)
    return rows


def _glance_at_names(connection: Connection, search: _Search) -> list[Row[Any]]:
    """In the order of names, what begins with the first term stands together: it is looked at.

    What has the term elsewhere is gathered and put in between. Empty where that does not do.
    """
    terms = search.filters.terms
    if search.query.sort is not Sort.NAME or not terms:
        return []
    name = store_entries.c.name_key
    begins = and_(name >= terms[0], name < terms[0] + _AFTER_ALL)
    together = _glance(connection, search, begins)
    if len(together) <= search.size:
        return []
    others, total = _gather(connection, search, store_entries, not_(begins), within_names=True)
    if total is None:
        return []
    rows = sorted(
        [*together, *others], key=lambda row: (row.key, row.number), reverse=search.falling
    )
    return rows[: search.size + 1]


def _walk(connection: Connection, search: _Search) -> list[Row[Any]]:
    """Read the stores in their order until the filter has let a page through."""
    key = _key(search, store_entries.c)
    return _together(
        connection,
        search,
        [
            search.ordered(
                select(*_ENTRY, key.label("key")).where(
                    lies_in(place), *search.filters.on(store_entries.c)
                ),
                key,
                store_entries.c.number,
            )
            for place in search.places
        ],
    )


def _together(
    connection: Connection, search: _Search, parts: Sequence[Select[Any]]
) -> list[Row[Any]]:
    """The rows of several stores as one list, with what is shown of their certificates."""
    together = union_all(*(select(part.subquery()) for part in parts)).subquery("together")
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


def _counted_by_day(connection: Connection, query: ListingQuery) -> Total | None:
    """The total where nothing but whole days of expiry is asked for: those are counted already."""
    bounds = (query.expires_from, query.expires_before)
    if query.archived is not None or not all(map(_is_midnight, bounds)):
        return None
    if replace(query, expires_from=None, expires_before=None).is_filtered:
        return None
    start, end = (moment and moment.date() for moment in bounds)
    return Total(count_between(connection, query.place, start, end), is_exact=True)


def _is_midnight(moment: datetime | None) -> bool:
    return moment is None or moment.astimezone(UTC).time() == time.min


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


def _page(search: _Search, rows: list[Row[Any]], total: Total | None) -> ListingPage:
    """Pure: the page that `rows`, one more than shown if there are more, make."""
    has_more = len(rows) > search.size
    shown = rows[: search.size]
    if search.backwards:
        shown.reverse()
    first = _first_position(search, has_more, len(shown))
    has_previous = has_more if search.backwards else search.cursor is not None
    has_next = search.cursor is not None if search.backwards else has_more
    return ListingPage(
        entries=tuple(map(listed_certificate, shown)),
        first=first,
        previous=_beside(shown[0], first - 1) if shown and has_previous else None,
        next=_beside(shown[-1], first - 1 + len(shown)) if shown and has_next else None,
        total=total or Total(first - 1 + len(shown), is_exact=not has_next),
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
