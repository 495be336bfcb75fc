"""What others change in a machine's stores, on record: by mmc, win-acme or a group policy."""

from collections.abc import Mapping
from typing import Protocol

from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.server import Server
from certwright.stores.place import Place
from certwright.stores.store import Query, Store, Watching
from certwright.x509.text import printable

Contents = Mapping[str, str]
"""The fingerprints of what lies in a store, each with its certificate's short name."""
_MOST_NAMED = 20
"""More at once are told of as a number: whoever changes a store cannot flood the record."""
_UNREADABLE = "A certificate that cannot be read"


class WatchedStore(Store, Watching, Protocol):
    """A store that tells what others changed in it."""


def contents(store: Store, place: Place) -> Contents:
    """What lies at `place` now, to be followed from here on."""
    found = store.find(place, Query(with_archived=True))
    return {one.certificate.fingerprint: one.certificate.short_name for one in found}


def follow_changes(
    server: Server, store: WatchedStore, place: Place, known: Contents, seconds: int
) -> Contents:
    """Wait for changes since `known`, `seconds` (60 at most) long, and record each as an event.

    Returns what to know at the next call. What the node itself changes belongs into `known`
    beforehand, if it is not to be told of twice. Raises what the store raises.
    """
    changes = store.changes(place, frozenset(known), seconds)
    if not changes.added and not changes.removed:
        return known
    there = contents(store, place) if changes.added else {}
    # One that came and went again, or that is of a kind no TLS server uses, has no name.
    added = {one: there.get(one, _UNREADABLE) for one in sorted(changes.added)}
    removed = {one: known[one] for one in sorted(changes.removed)}
    with server.database.begin() as connection:
        for event in (
            *_events(server, place, added, "came into", good=True),
            *_events(server, place, removed, "was taken out of", good=False),
        ):
            record_event(connection, event)
    kept = {one: name for one, name in known.items() if one not in removed}
    return kept | added


def _events(
    server: Server, place: Place, changed: Contents, what: str, *, good: bool
) -> tuple[Event, ...]:
    """In whose name: that machine's, since a store does not tell who it was."""
    where = f"{what} {place.title} on {printable(place.machine, 64)}, not through Certwright"
    told = {one: f"{name} {where}" for one, name in changed.items()}
    if len(changed) > _MOST_NAMED:
        told = {"": f"Each of {len(changed)} certificates {where}"}
    return tuple(
        Event(
            at=server.now(),
            actor=printable(place.machine, 64),
            kind="store-changed",
            subject=subject,
            message=message,
            good=good,
        )
        for subject, message in told.items()
    )
