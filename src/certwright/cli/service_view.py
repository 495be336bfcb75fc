"""Services as people read them."""

from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from certwright.cli.wording import ATTENTION, BAD, GOOD, facts, findings_list, moment, table, until
from certwright.designer.dates import ago_text
from certwright.designer.thumbprints import shortened


def services_view(services: Any) -> RenderableType:
    """One row for each endpoint of each service."""
    if not services:
        return "No service is cared for yet. Find one: certwright services add nginx --dry-run"
    listing = table("Endpoint", "Kind", "Listens at", "Good until", "Proof")
    for service in services:
        for endpoint in service["endpoints"]:
            listing.add_row(
                endpoint["name"],
                service["kind"],
                _addresses(endpoint),
                _good_until(endpoint),
                _proof(endpoint),
            )
    return Group(listing, *look_lines(services))


def look_lines(services: Any) -> list[RenderableType]:
    """Which services are not as they are on record, and what to do; after an empty line."""
    lines: list[RenderableType] = []
    for service in services:
        sentence = service.get("look", {}).get("sentence")
        if sentence:
            command = f"certwright services look {service['name']}"
            lines.append(Text(f"{service['name']}: {sentence} Look at it: {command}", ATTENTION))
    return ["", *lines] if lines else []


def service_view(service: Any) -> RenderableType:
    """A service with everything that is known of it."""
    return Group(facts(_facts(service)), *_notes(service), "", services_view([service]))


def plan_view(plan: Any) -> RenderableType:
    """What was found, and what of it is not right."""
    parts: list[RenderableType] = [facts(_facts(plan)), *_notes(plan)]
    if not plan["endpoints"]:
        parts += ["", Text("No endpoint with a certificate was found.", ATTENTION)]
    for endpoint in plan["endpoints"]:
        parts += _planned("endpoint", endpoint)
    return Group(*parts)


def look_view(seen: Any) -> RenderableType:
    """What is new, what is gone, what is reached otherwise, and what stays as it was."""
    parts: list[RenderableType] = [facts(_facts(seen)), *_notes(seen)]
    for endpoint in seen["new"]:
        parts += _planned("new", endpoint)
    for name in seen["gone"]:
        gone = f"{name}; its settings are forgotten, and what it serves stays"
        parts += ["", facts([("gone", Text(gone, ATTENTION))])]
    for endpoint in seen["changed"]:
        rows: list[tuple[str, RenderableType]] = [
            ("changed", endpoint["name"]),
            ("names", ", ".join(endpoint["names"]) or "none"),
            ("before", ", ".join(endpoint["former_names"]) or "none"),
            ("listens at", _addresses(endpoint)),
            ("before", _addresses({"addresses": endpoint["former_addresses"]})),
        ]
        parts += ["", facts(rows)]
    if seen["stays"]:
        parts += ["", facts([("stays", ", ".join(seen["stays"]))])]
    if not seen["look"]["sentence"]:
        parts += ["", Text("Its endpoints are as Certwright knows them.", GOOD)]
    return Group(*parts)


def _planned(title: str, endpoint: Any) -> list[RenderableType]:
    rows: list[tuple[str, RenderableType]] = [
        (title, endpoint["name"]),
        ("names", ", ".join(endpoint["names"]) or "none"),
        ("listens at", _addresses(endpoint)),
        ("certificate", _certificate(endpoint["certificate"])),
        ("stands in", endpoint["place"]),
    ]
    findings = [findings_list(endpoint["findings"])] if endpoint["findings"] else []
    return ["", facts(rows), *_notes(endpoint), *findings]


def _facts(service: Any) -> list[tuple[str, RenderableType]]:
    ends = "ends connections of clients" if service["interrupts"] else "no connection is lost"
    rows = [
        ("service", service["name"]),
        ("kind", f"{service['kind']}  {service['version']}".strip()),
        ("configuration", service["configuration"]),
        ("activating", f"{service['activation']} ({ends})"),
    ]
    return [(title, told) for title, told in rows if told]


def _notes(thing: Any) -> list[RenderableType]:
    return [Text(f"Note: {note}", ATTENTION) for note in thing["notes"]]


def _addresses(endpoint: Any) -> str:
    return ", ".join(f"{one['host']}:{one['port']}" for one in endpoint["addresses"]) or "unknown"


def _certificate(certificate: Any) -> RenderableType:
    if certificate is None:
        return Text("none that is known here", ATTENTION)
    good = until(certificate["not_after"], datetime.now(UTC))
    name = certificate["common_name"]
    return Text.assemble(f"{name} (thumbprint {shortened(certificate['thumbprint'])}), ", good)


def _good_until(endpoint: Any) -> RenderableType:
    chain = endpoint["proof"].get("chain") if endpoint["proof"] else None
    return until(chain[0]["not_after"], datetime.now(UTC)) if chain else ""


def _proof(endpoint: Any) -> Text:
    proof = endpoint["proof"]
    if proof is None:
        return Text("none yet", ATTENTION)
    word = Text("pass", GOOD) if proof["verdict"] == "pass" else Text("fail", BAD)
    return Text.assemble(word, f", {ago_text(moment(proof['at']), datetime.now(UTC))}")
