"""Certificates of the store, as people read them."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from certwright.cli.certificate_documents import Certificate, Deleted
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


def list_view(
    certificates: Sequence[Certificate],
    has_more: bool,
    now: datetime,
    *,
    is_filtered: bool = False,
) -> RenderableType:
    """One line a certificate, and a line that says so if there are more."""
    if not certificates and is_filtered:
        return Text("No certificate fits. All of them: certwright certificates list --archived")
    if not certificates:
        return Text(
            "There are no certificates here. Import one: certwright certificates import FILE"
        )
    listing = table("Thumbprint", "Name", "Issuer", "Good until", "Key", "Store", "Status")
    for certificate in certificates:
        listing.add_row(
            Text(shortened(certificate["thumbprint"]), no_wrap=True),
            _name_cell(certificate),
            certificate["issuer"],
            until(certificate["not_after"], now),
            "yes" if certificate["has_private_key"] else "no",
            store_title(certificate),
            _status(certificate),
        )
    if not has_more:
        return listing
    hint = (
        f"These are the first {len(certificates):,}; more fit. Narrow them with --search, --status "
        "or --expires-within, or see more with --limit."
    )
    return Group(listing, "", hint)


def certificate_view(certificate: Certificate, now: datetime) -> RenderableType:
    """All that is known of one certificate."""
    location = _LOCATIONS.get(certificate["location"], certificate["location"])
    store = store_title(certificate)
    known = facts(
        [
            ("subject", certificate["subject"]),
            *_names(certificate),
            ("issuer", certificate["issuer"]),
            *_friendly_name(certificate),
            ("status", _status(certificate)),
            ("valid from", date_text(moment(certificate["not_before"]))),
            ("good until", until(certificate["not_after"], now)),
            ("key", certificate.get("key", "")),
            ("private key", "here" if certificate["has_private_key"] else "not here"),
            ("store", f"{location} > {store}, machine {certificate['machine']}"),
            ("serial", grouped(certificate["serial"])),
            ("thumbprint", grouped(certificate["thumbprint"])),
            ("fingerprint", grouped(certificate["fingerprint"])),
        ]
    )
    findings = certificate.get("findings")
    return Group(known, "", findings_list(findings)) if findings else known


def deletion_question(certificate: Certificate) -> str:
    """What is asked before a certificate is deleted."""
    key = " and its private key" if certificate["has_private_key"] else ""
    return (
        f"Delete {name_of(certificate)} ({shortened(certificate['thumbprint'])}, good until "
        f"{date_text(moment(certificate['not_after']))}){key} for good?"
    )


def deleted_view(deleted: Deleted) -> RenderableType:
    """What is gone."""
    beside = " with its private key" if deleted["private_key_deleted"] else ""
    certificate = deleted["certificate"]
    place = store_title(certificate)
    return Text.assemble(("Deleted", GOOD), f" from {place}{beside}: {name_of(certificate)}")


def renamed_view(certificate: Certificate) -> RenderableType:
    """What it is called now."""
    friendly_name = certificate["friendly_name"]
    called = f"is called {friendly_name}" if friendly_name else "has no friendly name any longer"
    return Text(f"{name_of(certificate)} {called}.")


def archived_view(certificate: Certificate) -> RenderableType:
    """Whether it is offered."""
    offered = "is archived" if certificate["archived"] else "is offered again"
    return Text(f"{name_of(certificate)} {offered}.")


def name_of(certificate: Certificate) -> str:
    """What a certificate is called where there is room for one name."""
    names = [certificate["common_name"], certificate["subject"], *certificate["names"]]
    return next((name for name in names if name), "(no name)")


def store_title(certificate: Certificate) -> str:
    """The store as Windows shows it."""
    return _STORES.get(certificate["store"], certificate["store"])


def _names(certificate: Certificate) -> list[tuple[str, RenderableType]]:
    names = certificate["names"]
    return [("names", "\n".join(names))] if names else []


def _friendly_name(certificate: Certificate) -> list[tuple[str, RenderableType]]:
    friendly_name = certificate.get("friendly_name")
    return [("friendly name", friendly_name)] if friendly_name else []


def _name_cell(certificate: Certificate) -> Text:
    """Many certificates bear the same name: what tells them apart for people stands below it."""
    friendly_name = certificate.get("friendly_name")
    below = ("\n" + friendly_name, QUIET) if friendly_name else ""
    return Text.assemble(name_of(certificate), below)


def _status(certificate: Certificate) -> Text:
    status = status_word(certificate["status"])
    return status + Text(", archived", QUIET) if certificate.get("archived") else status
