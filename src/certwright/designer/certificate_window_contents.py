"""What the certificate window shows, looked up afresh for each of its tabs."""

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Path
from sqlalchemy import Connection

from certwright.designer.certificate_window_endpoints import (
    EndpointVerdict,
    Use,
    use_of,
    used_by,
)
from certwright.designer.certificate_window_path import Link, draw_path
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.deleting import uses_of
from certwright.lifecycle.judging import judge, requirement
from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import authorities_at_hand
from certwright.rules.finding import Finding
from certwright.services.endpoints import EndpointName, list_endpoints
from certwright.stores.database import (
    find_certificate,
    get_entry,
    places_of,
)
from certwright.stores.place import LOCAL, Location, Place, StoreName
from certwright.stores.store import StoredCertificate
from certwright.x509.chains import ChainVerdict, verify_chain

Fingerprint = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class General:
    """What is asked first: for what, until when, with its key or not, where, and used by whom."""

    findings: tuple[Finding, ...]
    places: tuple[Place, ...]
    uses: tuple[tuple[EndpointName, Use], ...]
    other_uses: tuple[str, ...]
    key_is_exportable: bool


@dataclass(frozen=True)
class PathView:
    """The chain's verdict and its links, root first."""

    verdict: ChainVerdict
    links: tuple[Link, ...]


def certificate_address(stored: StoredCertificate, tab: str = "", **more: str) -> str:
    """Where the window of `stored` is, open at `tab` ("" is General)."""
    return entry_address(stored.certificate.fingerprint, stored.place, tab, **more)


def entry_address(fingerprint: str, place: Place, tab: str = "", **more: str) -> str:
    """The same, for what is named by fingerprint and place."""
    query = urlencode({"location": place.location, "store": place.store} | more)
    return f"/certificates/{fingerprint}{'/' if tab else ''}{tab}?{query}"


def asked_place(location: Location | None = None, store: StoreName | None = None) -> Place | None:
    """The store that an address names, if it names one; for the routes to depend on."""
    return None if location is None or store is None else Place(LOCAL, location, store)


def open_entry(connection: Connection, fingerprint: str, place: Place | None) -> StoredCertificate:
    """The certificate as it lies in `place`, or else where it is found first."""
    if place is None:
        return find_certificate(connection, fingerprint)
    return get_entry(connection, fingerprint, place)


def general(server: Server, connection: Connection, stored: StoredCertificate) -> General:
    """What the tab General tells."""
    certificate = stored.certificate
    endpoints = list_endpoints(connection)
    key = certificate.key_fingerprint
    return General(
        findings=() if stored.is_issuer_only else judge(server, connection, stored),
        places=places_of(connection, certificate.fingerprint),
        uses=used_by(endpoints, certificate.fingerprint),
        other_uses=uses_of(server, stored) if stored.is_issuer_only else (),
        key_is_exportable=stored.has_private_key and server.vault.is_exportable(connection, key),
    )


def endpoint_verdicts(
    server: Server, connection: Connection, stored: StoredCertificate
) -> tuple[EndpointVerdict, ...]:
    """What the tab Right for tells."""
    findings = judge(server, connection, stored)
    return tuple(
        EndpointVerdict(one, use_of(one, stored.certificate.fingerprint), findings)
        for one in list_endpoints(connection)
    )


def certification_path(
    server: Server, connection: Connection, stored: StoredCertificate
) -> PathView:
    """What the tab Certification Path tells: names and purposes are left to Right for."""
    demand = requirement(server, connection)
    roots = (*demand.trusted_roots, *demand.public_roots)
    verdict = verify_chain(
        stored.certificate,
        authorities_at_hand(connection),
        roots,
        None,
        demand.at,
        for_any_purpose=True,
    )
    links = tuple(_with_address(connection, link, stored) for link in draw_path(verdict))
    return PathView(verdict, links)


def _with_address(connection: Connection, link: Link, shown: StoredCertificate) -> Link:
    if link.certificate is None or link.certificate == shown.certificate:
        return link
    try:
        stored = find_certificate(connection, link.certificate.fingerprint)
    except CertwrightError as error:
        if error.code is not ErrorCode.NOT_FOUND:
            raise
        return link  # a root of this machine or of the public list, in none of our stores
    return replace(link, address=certificate_address(stored, "path"))
