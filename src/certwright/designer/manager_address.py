"""The address of a list in the Certificate Manager: everything that is shown stands in it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from certwright.errors import CertwrightError, ErrorCode
from certwright.stores.listing_query import ListingQuery, Sort, Status
from certwright.stores.place import Location, Place, StoreName, parse_place

MANAGER = "/certificates"
PAGE_SIZE = 100
ALL_STORES = "all"

_LONGEST_SEARCH = 200
_DESCENDING = "descending"
_KEY = {"here": True, "missing": False}
_ARCHIVED = {"only": True, "too": None}
_Value = TypeVar("_Value")
_Named = TypeVar("_Named", bound=StrEnum)


def list_address(query: ListingQuery) -> str:
    """Where `query` is shown; opened again, it shows the same list."""
    return f"{MANAGER}?{urlencode(list_parameters(query))}"


def store_address(place: Place) -> str:
    """Where all that lies in `place` is shown."""
    return list_address(ListingQuery(place=place))


def list_parameters(query: ListingQuery) -> dict[str, str]:
    """What stands in the address; what is as usual is left out, but for the store."""
    place = query.place
    parameters = {
        "location": place.location if place else "",
        "store": place.store if place else ALL_STORES,
        "search": query.search.strip(),
        "status": query.status or "",
        "key": _word(_KEY, query.has_private_key),
        "archived": "" if query.archived is False else _word(_ARCHIVED, query.archived),
        "expires_from": _day_text(query.expires_from),
        "expires_before": _day_text(query.expires_before),
        "sort": "" if query.sort is Sort.NAME else query.sort,
        "order": _DESCENDING if query.descending else "",
        "after": query.after,
        "before": query.before,
    }
    return {name: value for name, value in parameters.items() if value}


def read_query(parameters: Mapping[str, str]) -> ListingQuery:
    """The list that an address names; without a store it is Local Machine > Personal.

    Raises `CertwrightError` INVALID_INPUT for values that are not offered.
    """
    given = {name: value.strip() for name, value in parameters.items() if value.strip()}
    store = given.get("store", StoreName.PERSONAL)
    location = given.get("location", Location.LOCAL_MACHINE)
    return ListingQuery(
        place=None if store == ALL_STORES else parse_place(location, store),
        search=given.get("search", "")[:_LONGEST_SEARCH],
        status=_named(Status, given["status"]) if "status" in given else None,
        has_private_key=_one_of(_KEY, given["key"]) if "key" in given else None,
        archived=_one_of(_ARCHIVED, given["archived"]) if "archived" in given else False,
        expires_from=_day(given.get("expires_from")),
        expires_before=_day(given.get("expires_before")),
        sort=_named(Sort, given["sort"]) if "sort" in given else Sort.NAME,
        descending=given.get("order") == _DESCENDING,
        after=given.get("after", ""),
        before="" if "after" in given else given.get("before", ""),
        size=PAGE_SIZE,
    )


def _word(words: Mapping[str, _Value], value: _Value) -> str:
    return next((word for word, meant in words.items() if meant is value), "")


def _one_of(words: Mapping[str, _Value], word: str) -> _Value:
    if word not in words:
        raise _not_offered(word)
    return words[word]


def _named(kind: type[_Named], word: str) -> _Named:
    if word not in set(kind):
        raise _not_offered(word)
    return kind(word)


def _day_text(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time.min, UTC)
    except ValueError:
        raise _not_offered(text) from None


def _not_offered(value: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        f"The address asks for {value[:40]!r}, which the list does not offer.",
        "Choose a filter or an order on this page instead.",
    )
