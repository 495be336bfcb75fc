"""A list's rows as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from certwright.designer.certificate_window_contents import entry_address
from certwright.designer.manager_address import MANAGER
from certwright.lifecycle.endpoint_verdicts import used_by
from certwright.services.endpoints import Endpoint, EndpointName
from certwright.stores.listing_page import ListedCertificate, ListingPage
from certwright.stores.listing_query import SOON, ListingQuery
from certwright.stores.place import Place
from certwright.x509.text import printable

_LONGEST_NAME = 120


@dataclass(frozen=True)
class Row:
    """One certificate: the colour, icon and word of its state, and where its windows are.

    `whole_name` is what `name` is cut from, None where nothing was cut; `endpoints` are those that
    use it.
    """

    entry: ListedCertificate
    name: str
    whole_name: str | None
    health: str
    state: str
    address: str
    delete_address: str
    endpoints: tuple[EndpointName, ...]


def rows(page: ListingPage, endpoints: Sequence[Endpoint], now: datetime) -> tuple[Row, ...]:
    """Pure: what the table shows of `page`, and which of `endpoints` use what is on it."""
    ends = {place: _address_end(place) for place in {entry.place for entry in page.entries}}
    return tuple(_row(entry, ends[entry.place], endpoints, now) for entry in page.entries)


def archived_beside(page: ListingPage, query: ListingQuery, held: int) -> int:
    """Pure: how many of the `held` certificates of its stores a list leaves out as archived.

    0 where filters leave out others too, or none counted.
    """
    if query.is_filtered or query.archived is not False or not page.total.is_exact:
        return 0
    return max(0, held - page.total.number)


def position_text(page: ListingPage, archived: int = 0) -> str:
    """Where a page stands: `201-300 of 98,211`, or `of more than 10,000` where none counted.

    So many `archived` ones are not in it.
    """
    beside = f", and {archived:,} archived" if archived else ""
    return f"{_position(page)}{beside}"


def _position(page: ListingPage) -> str:
    total = page.total
    if not page.entries:
        return "No certificates"
    last = page.first - 1 + len(page.entries)
    # Rows that others add or take away while somebody turns pages must not make it nonsense.
    most = max(total.number, last)
    of = f"{most:,}" if total.is_exact else f"more than {most:,}"
    return f"{page.first:,}-{last:,} of {of}"


def _row(
    entry: ListedCertificate, address_end: str, endpoints: Sequence[Endpoint], now: datetime
) -> Row:
    health, state = _state(entry, now)
    name = entry.name or "(no name)"
    shown = printable(name, _LONGEST_NAME)
    return Row(
        entry=entry,
        name=shown,
        whole_name=name if shown != name else None,
        health=health,
        state=state,
        address=f"{MANAGER}/{entry.fingerprint}{address_end}",
        delete_address=f"{MANAGER}/{entry.fingerprint}/delete{address_end}",
        endpoints=tuple(name for name, _ in used_by(endpoints, entry.fingerprint)),
    )


def _address_end(place: Place) -> str:
    """Made once for all rows of a store: an address must be quick to write a hundred times."""
    return entry_address("", place).removeprefix(f"{MANAGER}/")


def _state(entry: ListedCertificate, now: datetime) -> tuple[str, str]:
    if entry.not_after < now:
        return "broken", "Expired"
    if entry.not_before > now:
        return "attention", "Not yet valid"
    if entry.not_after < now + SOON:
        return "attention", "Expires soon"
    return "good", "Valid"
