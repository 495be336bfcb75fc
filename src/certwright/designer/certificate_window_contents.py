"""What the certificate window shows, looked up afresh for each of its tabs."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Path
from sqlalchemy import Connection

from certwright.lifecycle.certification_path import Link
from certwright.lifecycle.deleting import uses_of
from certwright.lifecycle.endpoint_verdicts import Use, used_by
from certwright.lifecycle.judging import judge
from certwright.lifecycle.server import Server
from certwright.rules.finding import Finding
from certwright.services.endpoints import EndpointName, list_all_endpoints
from certwright.stores.database import (
    find_certificate,
    get_entry,
    places_of,
)
from certwright.stores.place import LOCAL, Location, Place, StoreName
from certwright.stores.store import StoredCertificate

Fingerprint = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class General:
    """What is asked first: for what, until when, with its key or not, where, and used by whom."""

    findings: tuple[Finding, ...]
    places: tuple[Place, ...]
    uses: tuple[tuple[EndpointName, Use], ...]
    other_uses: tuple[str, ...]
    key_is_exportable: bool


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
    endpoints = list_all_endpoints(connection)
    key = certificate.key_fingerprint
    return General(
        findings=() if stored.is_issuer_only else judge(server, connection, stored),
        places=places_of(connection, certificate.fingerprint),
        uses=used_by(endpoints, certificate.fingerprint),
        other_uses=uses_of(server, stored) if stored.is_issuer_only else (),
        key_is_exportable=stored.has_private_key and server.vault.is_exportable(connection, key),
    )


def link_address(link: Link, shown: StoredCertificate) -> str | None:
    """Where the window of a chain's link is; None for the one that is shown, and for strangers."""
    if link.certificate is None or link.place is None or link.certificate == shown.certificate:
        return None
    return entry_address(link.certificate.fingerprint, link.place, "path")
