"""REST: lists of certificates, whole or page by page; never all of them in memory at once."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Connection

from certwright.api.documents import certificate_document
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.server import Server
from certwright.stores.database import get_entries
from certwright.stores.listing import MOST_ROWS, page
from certwright.stores.listing_page import ListingPage
from certwright.stores.listing_query import ListingQuery, Sort, Status
from certwright.stores.place import Location, Place, StoreName, parse_place

_MOST_DAYS = 36_500
_READ_AT_ONCE = 50
"""Whole certificates: each may have thousands of names, and many callers may ask at once."""
_Named = TypeVar("_Named", bound=StrEnum)
_NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed by; texts as they came."""

    location: str | None
    store: str | None
    search: str
    status: str | None
    expires_within: int | None
    archived: bool
    has_private_key: bool | None = None
    sort: str = Sort.NAME
    descending: bool = False


@dataclass(frozen=True)
class _Page:
    documents: list[str]
    """In JSON, which is far smaller than what it was made from."""
    next: str | None


def listing_response(
    server: Server, request: Request, filters: Filters, limit: int | None, after: str
) -> Response:
    """All certificates that fit, or `limit` of them and a link to the next ones.

    The link is a header (RFC 8288), so that the body is an array either way.
    """
    queries = _queries(server, filters)
    # The first page is read before anything is answered: what is wrong with the question is told.
    first = _read(server, queries, after, min(limit or MOST_ROWS, MOST_ROWS))
    if limit is None:
        pages = _chunks(_all_pages(server, queries, first))
        return StreamingResponse(pages, media_type="application/json", headers=_NO_STORE)
    headers = dict(_NO_STORE)
    if first.next is not None:
        parameters = [(k, v) for k, v in request.query_params.multi_items() if k != "after"]
        target = f"{request.url.path}?{urlencode([*parameters, ('after', first.next)])}"
        headers["Link"] = f'<{target}>; rel="next"'
    array = f"[{','.join(first.documents)}]"
    return Response(array, media_type="application/json", headers=headers)


def _queries(server: Server, filters: Filters) -> tuple[ListingQuery, ...]:
    query = ListingQuery(
        place=None,
        search=filters.search,
        status=None if filters.status is None else _one_of(Status, filters.status, "status"),
        archived=None if filters.archived else False,
        has_private_key=filters.has_private_key,
        sort=_one_of(Sort, filters.sort, "order"),
        descending=filters.descending,
    )
    if filters.expires_within is not None:
        if not 0 <= filters.expires_within <= _MOST_DAYS:
            raise CertwrightError(
                ErrorCode.INVALID_INPUT,
                f"{filters.expires_within} is no number of days to look ahead.",
                f"Give one between 0 and {_MOST_DAYS}.",
            )
        now = server.now()
        until = now + timedelta(days=filters.expires_within)
        query = replace(query, expires_from=now, expires_before=until)
    places = _places(filters)
    return tuple(replace(query, place=place) for place in places) if places else (query,)


def _places(filters: Filters) -> list[Place]:
    if not filters.location and not filters.store:
        return []
    return [
        parse_place(location, store)
        for location in ([filters.location] if filters.location else list(Location))
        for store in ([filters.store] if filters.store else list(StoreName))
    ]


def _one_of(kind: type[_Named], text: str, what: str) -> _Named:
    try:
        return kind(text)
    except ValueError:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"There is no {what} {text[:40]!r}.",
            f"Choose one of: {', '.join(kind)}.",
        ) from None


def _all_pages(
    server: Server, queries: Sequence[ListingQuery], first: _Page
) -> Iterator[list[str]]:
    found = first
    yield found.documents
    while found.next is not None:
        found = _read(server, queries, found.next, MOST_ROWS)
        yield found.documents


def _chunks(pages: Iterator[list[str]]) -> Iterator[str]:
    """The array in few, large pieces: each has its price on the way."""
    separator = "["
    for documents in pages:
        if documents:
            yield separator + ",".join(documents)
            separator = ","
    yield "[]" if separator == "[" else "]"


def _read(server: Server, queries: Sequence[ListingQuery], after: str, limit: int) -> _Page:
    """A page from `after` on: the number of the query, and its own cursor."""
    number, cursor = _position(after, len(queries))
    documents: list[str] = []
    now = server.now()
    while True:
        query = replace(queries[number], after=cursor, size=limit - len(documents))
        with server.database.connect() as connection:
            found = page(connection, query, now)
            documents += _documents(connection, found, now)
        cursor = found.next or ""
        if not cursor:
            number += 1
        if number == len(queries):
            return _Page(documents, None)
        if cursor or len(documents) >= limit:
            return _Page(documents, f"{number}.{cursor}")


def _documents(connection: Connection, found: ListingPage, now: datetime) -> Iterator[str]:
    keys = [(one.fingerprint, one.place) for one in found.entries]
    for start in range(0, len(keys), _READ_AT_ONCE):
        for entry in get_entries(connection, keys[start : start + _READ_AT_ONCE]):
            yield json.dumps(certificate_document(entry, now))


def _position(after: str, queries: int) -> tuple[int, str]:
    if not after:
        return 0, ""
    number, _, cursor = after.partition(".")
    if not (number.isascii() and number.isdigit() and int(number[:4]) < queries):
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "The place in the list that was asked for is not one of this list.",
            "Take `after` from the link to the next page, with the same filters.",
        )
    return int(number[:4]), cursor
