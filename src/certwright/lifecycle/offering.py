"""Which certificates of a store are offered for an endpoint: judged, the best first, not too many.

A store may hold a hundred thousand certificates and an endpoint needs one. So only some are judged:
those with their private key and the endpoint's name first, then any with their private key, then
the rest, in each the ones that last longest. A search looks at all of the store.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from certwright.lifecycle.judging import Purpose, judge_all, own_purpose
from certwright.lifecycle.server import Server
from certwright.rules.engine import is_right
from certwright.rules.finding import Finding
from certwright.rules.ranking import rank
from certwright.stores.database import get_entries
from certwright.stores.listing import page
from certwright.stores.listing_page import Total
from certwright.stores.listing_query import ListingQuery, Sort
from certwright.stores.place import Place
from certwright.stores.store import StoredCertificate

MOST_OFFERED = 50


@dataclass(frozen=True)
class JudgedCertificate:
    """A certificate of a store, and what the rules say of it for the endpoint."""

    stored: StoredCertificate
    findings: tuple[Finding, ...]

    @property
    def is_right(self) -> bool:
        """Whether it may be used without a second thought."""
        return is_right(self.findings)


@dataclass(frozen=True)
class Offer:
    """The certificates offered, the best for the endpoint first, and how many there are in all."""

    judged: tuple[JudgedCertificate, ...]
    total: Total

    @property
    def is_whole(self) -> bool:
        """Whether none was left out."""
        return self.total.is_exact and len(self.judged) >= self.total.number

    def find(self, fingerprint: str) -> JudgedCertificate | None:
        """The one with this fingerprint, if it is among those offered."""
        fitting = (o for o in self.judged if o.stored.certificate.fingerprint == fingerprint)
        return next(fitting, None)


def offered_certificates(
    server: Server,
    place: Place,
    search: str = "",
    wanted: Sequence[str] = (),
    purpose: Purpose | None = None,
) -> Offer:
    """What `place` has for this server, or what of it `search` finds; at most `MOST_OFFERED`.

    Another `purpose` is that of a service's endpoint. Archived certificates are not offered.
    `wanted` (fingerprints) are all the same, if they lie there and nothing is searched for.
    """
    everything = ListingQuery(
        place=place, search=search, sort=Sort.NOT_AFTER, descending=True, size=MOST_OFFERED
    )
    with_key = replace(everything, has_private_key=True)
    queries = [with_key, everything]
    names = (purpose or own_purpose(server)).names
    if names and not search.strip():
        queries.insert(0, replace(with_key, search=names[0].value))
    now = server.now()
    with server.database.connect() as connection:
        pages = [page(connection, query, now) for query in queries]
        found = [(entry.fingerprint, place) for one in pages for entry in one.entries]
        kept = [] if search.strip() else [(name, place) for name in wanted if name]
        chosen = list(dict.fromkeys([*kept, *found]))[:MOST_OFFERED]
        entries = get_entries(connection, chosen)
        findings = judge_all(server, connection, [(entry, None, purpose) for entry in entries])
    judged = rank(
        map(JudgedCertificate, entries, findings),
        findings=lambda one: one.findings,
        is_self_signed=lambda one: one.stored.certificate.is_self_signed,
        not_after=lambda one: one.stored.certificate.not_after,
    )
    return Offer(judged, pages[-1].total)
