"""What can be chosen in the Certificate Manager: filters and orders, each a link to its list."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from certwright.designer.dates import date_text
from certwright.designer.manager_address import list_address
from certwright.stores.listing_query import SOON, ListingQuery, Sort, Status

_STATUSES: tuple[tuple[Status | None, str], ...] = (
    (None, "Any status"),
    (Status.VALID, "Valid"),
    (Status.EXPIRES_SOON, f"Expires within {SOON.days} days"),
    (Status.EXPIRED, "Expired"),
    (Status.NOT_YET_VALID, "Not yet valid"),
)
_COLUMNS = (
    (Sort.NAME, "Name"),
    (Sort.ISSUER, "Issuer"),
    (Sort.NOT_BEFORE, "Good from"),
    (Sort.NOT_AFTER, "Good until"),
    (Sort.ADDED, "Added"),
)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Choice:
    """A link; `key` tells it from its neighbours, so that it keeps the focus."""

    key: str
    label: str
    address: str
    is_chosen: bool


@dataclass(frozen=True)
class Column:
    """The head of a column, which sorts by it, and turns the order round where it does already."""

    key: str
    label: str
    address: str
    order: str | None
    """As ARIA says it: ascending or descending; None where another column is sorted by."""


def first_page(query: ListingQuery) -> ListingQuery:
    """`query` from its beginning: a cursor belongs to one list only."""
    return replace(query, after="", before="")


def status_choices(query: ListingQuery) -> tuple[Choice, ...]:
    """One for each status, and one for all."""
    first = first_page(query)
    return tuple(
        Choice(
            key=f"status-{status or 'any'}",
            label=label,
            address=list_address(replace(first, status=status)),
            is_chosen=query.status is status,
        )
        for status, label in _STATUSES
    )


def other_choices(query: ListingQuery) -> tuple[Choice, ...]:
    """Filters that are put on and taken off, each by itself."""
    first = first_page(query)
    with_key, archived = query.has_private_key is True, query.archived is True
    keyed = replace(first, has_private_key=None if with_key else True)
    shelved = replace(first, archived=not archived)
    choices = [
        Choice("with-key", "With private key", list_address(keyed), with_key),
        Choice("archived", "Archived", list_address(shelved), archived),
    ]
    if query.has_private_key is False:
        either = list_address(replace(first, has_private_key=None))
        choices.append(Choice("without-key", "Without private key", either, is_chosen=True))
    if period := _period(query):
        whenever = replace(first, expires_from=None, expires_before=None, archived=False)
        choices.append(Choice("period", period, list_address(whenever), is_chosen=True))
    elif query.archived is None:
        offered = list_address(replace(first, archived=False))
        choices.append(Choice("archived-too", "Archived ones too", offered, is_chosen=True))
    return tuple(choices)


def columns(query: ListingQuery) -> tuple[Column, ...]:
    """The heads that sort; the one that is sorted by leads to the other way round."""
    first = first_page(query)
    return tuple(
        Column(
            key=sort,
            label=label,
            address=list_address(
                replace(first, sort=sort, descending=sort is query.sort and not query.descending)
            ),
            order=_order(query) if sort is query.sort else None,
        )
        for sort, label in _COLUMNS
    )


def _order(query: ListingQuery) -> str:
    return "descending" if query.descending else "ascending"


def _period(query: ListingQuery) -> str:
    since, until = query.expires_from, query.expires_before
    if since and until:
        if until - since <= _DAY:
            return f"Expires on {date_text(since)}"
        return f"Expires {date_text(since)} to {date_text(until - _DAY)}"
    if since:
        return f"Expires {_from(since)}"
    return f"Expired before {date_text(until)}" if until else ""


def _from(since: datetime) -> str:
    return f"on {date_text(since)} or later"
