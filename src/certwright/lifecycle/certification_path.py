"""The chain of a stored certificate from the root down, and how each link of it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.judging import requirement
from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import authorities_at_hand
from certwright.stores.database import find_certificate
from certwright.stores.place import Place
from certwright.stores.store import StoredCertificate
from certwright.x509.certificate import Certificate
from certwright.x509.chains import ChainVerdict, verify_chain
from certwright.x509.profile import profile_of
from certwright.x509.refusal import Cause, Refusal

_WITHOUT_ISSUER = frozenset({Cause.ISSUER_MISSING, Cause.OTHER_ISSUER})


@dataclass(frozen=True)
class Link:
    """One certificate of the chain; `health` is for colour, icon and word.

    `certificate` is None for the issuer that is missing. `role` says what it is in the chain,
    `refusals` what is wrong with it. `place` is a store that holds it; None for a root of this
    machine or of the public list that is in none.
    """

    certificate: Certificate | None
    name: str
    role: str
    health: str
    refusals: tuple[Refusal, ...]
    place: Place | None = None


@dataclass(frozen=True)
class CertificationPath:
    """The chain's verdict and its links, root first."""

    verdict: ChainVerdict
    links: tuple[Link, ...]


def certification_path(
    server: Server, connection: Connection, stored: StoredCertificate
) -> CertificationPath:
    """The chain of `stored` as this server's trust sees it, for what it is; whatever its names."""
    demand = requirement(server, connection)
    roots = (*demand.trusted_roots, *demand.public_roots)
    verdict = verify_chain(
        stored.certificate,
        authorities_at_hand(connection),
        roots,
        None,
        demand.at,
        usages=profile_of(stored.certificate).usages,
        for_any_purpose=True,
    )
    links = tuple(_with_place(connection, link, stored) for link in draw_path(verdict))
    return CertificationPath(verdict, links)


def draw_path(verdict: ChainVerdict) -> tuple[Link, ...]:
    """The links of `verdict`, root first, each with its own faults; pure, without places."""
    path = verdict.path
    missing = tuple(one for one in verdict.refusals if one.cause in _WITHOUT_ISSUER)
    links = [
        _link(path, position, verdict.refusals, without=missing) for position in range(len(path))
    ]
    if missing:
        links.append(Link(None, path[-1].issuer_name, "Missing issuer", "broken", missing))
    return tuple(reversed(links))


def _with_place(connection: Connection, link: Link, shown: StoredCertificate) -> Link:
    if link.certificate is None:
        return link
    if link.certificate == shown.certificate:
        return replace(link, place=shown.place)
    try:
        stored = find_certificate(connection, link.certificate.fingerprint)
    except CertwrightError as error:
        if error.code is not ErrorCode.NOT_FOUND:
            raise
        return link
    return replace(link, place=stored.place)


def _link(
    path: Sequence[Certificate],
    position: int,
    refusals: Sequence[Refusal],
    *,
    without: Sequence[Refusal],
) -> Link:
    certificate = path[position]
    own = tuple(one for one in refusals if one.certificate == certificate and one not in without)
    return Link(
        certificate=certificate,
        name=certificate.short_name,
        role=_role(certificate, position),
        health="broken" if own else "good",
        refusals=own,
    )


def _role(certificate: Certificate, position: int) -> str:
    if certificate.is_self_signed:
        return "Root" if certificate.is_authority else "Self-signed"
    if position == 0 and not certificate.is_authority:
        return "Leaf"
    return "Intermediate"
