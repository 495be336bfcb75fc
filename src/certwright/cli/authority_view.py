"""Authorities and what waits for them, as people read it."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from certwright.cli.documents import Authority, AuthorityRequest
from certwright.cli.plain_text import plain
from certwright.cli.wording import facts, table
from certwright.x509.text import listed


def authorities_view(documents: Sequence[Authority]) -> RenderableType:
    """One line an authority."""
    listing = table("Name", "Kind", "Issues")
    for document in documents:
        listing.add_row(document["name"], document["kind"], _issues(document))
    return listing


def authority_view(document: Authority, ca_pem: str = "") -> RenderableType:
    """Everything that it was told; `ca_pem` is that of its settings with its ends of lines."""
    rows: list[tuple[str, RenderableType]] = [
        ("name", document["name"]),
        ("kind", document["kind"]),
        ("issues", _issues(document)),
    ]
    rows += [
        (name.replace("_", " "), _value(value))
        for name, value in sorted(document["settings"].items())
        if name != "ca_pem"
    ]
    if ca_pem:
        rows.append(("trusted root", _roots(ca_pem)))
    if document["secrets"]:
        names = tuple(name.replace("_", " ") for name in document["secrets"])
        rows.append(("secrets kept", listed(names)))
    if root := document.get("root_fingerprint"):
        rows.append(("root fingerprint", root))
    if pause := document.get("pause"):
        rows.append(("pause", f"{pause} Until then every renewal by it waits."))
    return facts(rows)


def requests_view(documents: Sequence[AuthorityRequest]) -> RenderableType:
    """One line a request."""
    if not documents:
        return "No request waits for anybody."
    listing = table("Request", "Authority", "Names", "For", "Days", "Asked by", "Since")
    for document in documents:
        names = listed(tuple(document["names"]))
        since = document["created_at"].partition("T")[0]
        listing.add_row(
            *(document["id"], document["authority"], names, document["profile"]),
            *(str(document["days"]), document["requested_by"], since),
        )
    return listing


def request_view(document: AuthorityRequest, signing_request: str) -> RenderableType:
    """One request, with what is to be signed, to be copied: its PEM is made anew, unwrapped."""
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_pem_x509_csr

    read = load_pem_x509_csr(signing_request.encode())
    pem = read.public_bytes(Encoding.PEM).decode("ascii")
    unwrapped = Text(pem.rstrip(), no_wrap=True, overflow="ignore")
    return Group(requests_view([document]), "", unwrapped)


def answered_view(document: dict[str, list[AuthorityRequest]]) -> RenderableType:
    """Which requests an answer was for."""
    answered = tuple(
        f"{one['id']} for {listed(tuple(one['names']))}" for one in document["requests"]
    )
    return f"Answered: {listed(answered)}."


def _issues(document: Authority) -> str:
    if until := document.get("paused_until"):
        return f"not before {until}, as it asked us to wait"
    if until := document.get("issuing_until"):
        return f"until {until.partition('T')[0]}"
    settings = document["settings"]
    match document["kind"]:
        case "acme":
            return f"by {settings.get('challenge')} from {settings.get('directory')}"
        case "by-hand":
            return "when somebody brings the answer"
        case "command":
            return f"by {' '.join(settings.get('command', ()))}"
        case _:
            return "at once, for tests"


def _roots(pem: str) -> str:
    from certwright.x509.pem import read_pem_certificates

    return "\n".join(
        f"{plain(one.subject)}, fingerprint {one.fingerprint}"
        for one in read_pem_certificates(pem.encode())
    )


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
