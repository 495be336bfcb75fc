"""Certificates of the store, as people read them."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from certwright.cli.documents import Certificate, Imported
from certwright.cli.wording import (
    GOOD,
    QUIET,
    facts,
    findings_list,
    moment,
    status_word,
    table,
    until,
)
from certwright.designer.dates import date_text
from certwright.designer.thumbprints import grouped, shortened
from certwright.stores.place import Location, StoreName

_STORES = {store.value: store.label for store in StoreName}
_LOCATIONS = {location.value: location.label for location in Location}


def list_view(certificates: Sequence[Certificate], now: datetime) -> RenderableType:
    """One line a certificate."""
    if not certificates:
        return Text(
            "There are no certificates here. Import one: certwright certificates import FILE"
        )
    listing = table("Thumbprint", "Name", "Issuer", "Good until", "Key", "Store", "Status")
    for certificate in certificates:
        listing.add_row(
            Text(shortened(certificate["thumbprint"]), no_wrap=True),
            _name(certificate),
            certificate["issuer"],
            until(certificate["not_after"], now),
            "yes" if certificate["has_private_key"] else "no",
            _STORES.get(certificate["store"], certificate["store"]),
            status_word(certificate["status"]),
        )
    return listing


def certificate_view(certificate: Certificate, now: datetime) -> RenderableType:
    """All that is known of one certificate."""
    location = _LOCATIONS.get(certificate["location"], certificate["location"])
    store = _STORES.get(certificate["store"], certificate["store"])
    known = facts(
        [
            ("subject", certificate["subject"]),
            ("names", "\n".join(certificate["names"])),
            ("issuer", certificate["issuer"]),
            ("status", status_word(certificate["status"])),
            ("valid from", date_text(moment(certificate["not_before"]))),
            ("good until", until(certificate["not_after"], now)),
            ("private key", "here" if certificate["has_private_key"] else "not here"),
            ("store", f"{location} > {store}, machine {certificate['machine']}"),
            ("serial", grouped(certificate["serial"])),
            ("thumbprint", grouped(certificate["thumbprint"])),
            ("fingerprint", grouped(certificate["fingerprint"])),
        ]
    )
    findings = certificate.get("findings")
    return Group(known, "", findings_list(findings)) if findings else known


def imported_view(imported: Imported, now: datetime) -> RenderableType:
    """What became of the file, and whether its certificate is right for the node's endpoints."""
    certificate = imported["certificate"]
    word = "Imported" if imported["added"] else "Already in the store"
    headline = Text.assemble((word, GOOD), f": {_name(certificate)}")
    parts: list[RenderableType] = [headline, "", certificate_view(certificate, now)]
    if imported["findings"]:
        parts += ["", findings_list(imported["findings"])]
    else:
        command = f"certwright select web-server {certificate['thumbprint'][:12]}"
        parts += ["", Text(f"It is right for this server. To select it: {command}", QUIET)]
    return Group(*parts)


def _name(certificate: Certificate) -> str:
    return certificate["common_name"] or certificate["subject"] or certificate["names"][0]
