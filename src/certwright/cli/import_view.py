"""An import, planned or done, as people read it."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from certwright.cli.certificate_documents import Certificate, Imported, ImportPlan
from certwright.cli.certificate_view import certificate_view, name_of, store_title
from certwright.cli.wording import ATTENTION, GOOD, QUIET, findings_list, table, until


def imported_view(imported: Imported, now: datetime) -> RenderableType:
    """What became of the files, and whether their certificate is right for this server."""
    certificate = imported["certificate"]
    headline = Text.assemble((_outcome(imported), GOOD), f": {name_of(certificate)}")
    parts: list[RenderableType] = [headline, "", certificate_view(certificate, now)]
    if len(imported["entries"]) > 1:
        parts += ["", _entries(imported, now)]
    parts += _remarks(imported)
    if imported["findings"]:
        parts += ["", findings_list(imported["findings"])]
    elif certificate["has_private_key"]:
        command = f"certwright select web-server {certificate['thumbprint'][:12]}"
        parts += ["", Text(f"It is right for this server. To select it: {command}", QUIET)]
    return Group(*parts)


def plan_view(plan: ImportPlan, now: datetime) -> RenderableType:
    """What importing the files would do."""
    headline = Text(f"{plan['format']}. Nothing is saved yet; this would be done:")
    parts: list[RenderableType] = [headline, "", _entries(plan, now), *_remarks(plan)]
    if plan["findings"]:
        parts += ["", findings_list(plan["findings"])]
    return Group(*parts)


def _outcome(imported: Imported) -> str:
    if imported["added"]:
        return "Imported"
    if imported.get("private_key_added"):
        return "Its private key was added"
    return "Already in the store"


def _entries(plan: ImportPlan, now: datetime) -> RenderableType:
    listing = table("Name", "Good until", "Key", "Store", "", "From")
    for entry in plan["entries"]:
        listing.add_row(
            name_of(entry),
            until(entry["not_after"], now),
            "yes" if entry["has_private_key"] else "no",
            store_title(entry),
            Text("new", GOOD) if entry.get("is_new") else Text("there already", QUIET),
            _origin(entry),
        )
    return listing


def _origin(entry: Certificate) -> str:
    origin = entry.get("origin", "")
    return {"file": "the file", "store": "the stores"}.get(origin, origin)


def _remarks(plan: ImportPlan) -> list[RenderableType]:
    lines: list[RenderableType] = []
    if not plan["chain"]["ok"] and plan["chain"]["reason"]:
        lines.append(Text.assemble(("chain", ATTENTION), f"  {plan['chain']['reason']}"))
    lines += [Text.assemble(("note", QUIET), f"  {note}") for note in plan["notes"]]
    if plan["root"] is not None:
        lines.append(
            Text.assemble(
                ("root", ATTENTION),
                f"  To trust whatever {plan['root']['common_name'] or plan['root']['subject']} "
                "issues, import it again with --trust-root.",
            )
        )
    return ["", *lines] if lines else []
