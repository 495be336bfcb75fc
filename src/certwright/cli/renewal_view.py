"""Renewals, their stories, and what is planned, as people read them."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from certwright.cli.documents import Due, Outlook, Plan, Renewal, RenewalStep
from certwright.cli.wording import (
    ATTENTION,
    BAD,
    GOOD,
    QUIET,
    facts,
    moment,
    table,
    title,
    until,
    when,
)
from certwright.x509.text import listed

_STATE_STYLES = {
    "done": GOOD,
    "asking": ATTENTION,
    "declined": QUIET,
    "obsolete": QUIET,
    "failed": BAD,
}

_REHEARSED = frozenset({"done", "failed"})
_UNDONE = ": what was served before is served again, and nothing else was selected."


def renewals_view(documents: Sequence[Renewal], now: datetime) -> RenderableType:
    """One line a renewal."""
    if not documents:
        return "Nothing was renewed or requested yet."
    listing = table("ID", "For", "By", "State", "Begun", "Next")
    for document in documents:
        listing.add_row(
            str(document["id"]),
            listed(tuple(document["names"]), 2) + _sort(document),
            document["authority"],
            _state(document),
            when(document["started_at"], now),
            _brief_next(document, now),
        )
    return listing


def _sort(document: Renewal) -> str:
    if document.get("rehearsed_at"):
        return " (rehearsal)"
    return "" if document["certificate"] else " (request)"


def story_view(document: Renewal, now: datetime) -> RenderableType:
    """What it is to bring, each step, and what happens next."""
    key = "lies elsewhere" if document["key_elsewhere"] else f"{document['key']} private key"
    rows: list[tuple[str, RenderableType]] = [
        ("renewal", str(document["id"])),
        ("for", listed(tuple(document["names"]))),
        ("by", document["authority"]),
        ("key", key),
        ("why", f"{document['reason']} ({document['requested_by']})"),
        ("begun", when(document["started_at"], now)),
        ("state", _state(document)),
    ]
    if document["issued"]:
        thumbprint = document.get("issued_thumbprint")
        lines = [f"thumbprint {thumbprint}"] if thumbprint else []
        rows.append(("issued", "\n".join((*lines, f"fingerprint {document['issued']}"))))
    steps = table("When", "", "Where", "What")
    for step in document["steps"]:
        where = step["endpoint"]
        steps.add_row(
            f"{moment(step['at']):%Y-%m-%d %H:%M:%S}",
            _tick(step),
            "" if where is None else title(where),
            step["sentence"],
        )
    return Group(facts(rows), "", steps, "", next_text(document, now))


def step_view(step: RenewalStep) -> RenderableType:
    """A step as it comes."""
    where = step["endpoint"]
    place = "" if where is None else f"{title(where)}: "
    return Text.assemble(_tick(step), f" {place}{step['sentence']}")


def outcome_view(document: Renewal, now: datetime) -> RenderableType:
    """How a renewal that was followed stands: its steps were told already."""
    number = document["id"]
    names = listed(tuple(document["names"]))
    if document.get("rehearsed_at") and document["state"] in _REHEARSED:
        return Text.assemble(("Rehearsed", _STATE_STYLES[document["state"]]), _UNDONE)
    if document["state"] == "done":
        issued = (document.get("issued_thumbprint") or document["issued"] or "")[:12]
        sentence = f": the new certificate for {names} has the thumbprint {issued}."
        if "file" in document:
            sentence += f" Written: {document['file']}."
        elif document["certificate"] is None and not document["key_elsewhere"]:
            sentence += f" To use it: {_use(document, issued)}"
        return Text.assemble(("Done", GOOD), sentence)
    word = Text("Put off", BAD) if document["failed"] else _state(document)
    look = f"\nTo look at it: certwright renewals show {number}"
    return Text.assemble(word, ": ", next_text(document, now), (look, QUIET))


def _use(document: Renewal, issued: str) -> str:
    if document.get("profile") == "client":
        return (
            f"certwright certificates export {issued} --format pfx --with-key "
            "--password-file FILE --out FILE"
        )
    return f"certwright select ENDPOINT {issued}"


def decided_view(document: Renewal, now: datetime) -> RenderableType:
    """A renewal about which somebody decided a moment ago."""
    head = f"Renewal {document['id']} for {listed(tuple(document['names']))} is "
    return Text.assemble(head, _state(document), ". ", next_text(document, now))


def due_view(document: Due, now: datetime) -> RenderableType:
    """What was begun, or what would be and when."""
    parts = [outcome_view(renewal, now) for renewal in document["renewals"]]
    due = [plan for plan in document["plans"] if plan["outlook"] == "due"]
    if not due:
        parts.append("Nothing is due.")
    elif not document["renewals"]:
        parts.append(f"Due now: {len(due)}.")
    if document["plans"]:
        parts += ["", plans_view(document["plans"], now)]
    return Group(*parts)


def plans_view(plans: Sequence[Plan], now: datetime) -> RenderableType:
    """One line a certificate in use: when it is renewed, by whom, where it goes, and why then."""
    listing = table("Certificate", "Good until", "Renewed", "By", "Endpoints", "Why")
    for plan in plans:
        listing.add_row(
            plan["common_name"] or listed(tuple(plan["names"]), 1),
            until(plan["not_after"], now),
            outlook_text(plan, now),
            plan["authority"] or "nobody",
            "\n".join(_endpoint(one, now) for one in plan["endpoints"]),
            plan["reason"],
        )
    return listing


def outlook_text(outlook: Outlook, now: datetime) -> Text:
    """When a certificate is renewed, or why it is not, in few words."""
    match outlook["outlook"]:
        case "planned":
            return Text(when(outlook["at"], now))
        case "due":
            return Text("due now", ATTENTION)
        case "at-work":
            return Text(f"renewal {outlook['renewal']} {_at_work(outlook, now)}", ATTENTION)
        case "declined":
            return Text("declined", BAD)
        case "held":
            return Text("held back", ATTENTION)
        case _:
            return Text("by nobody", BAD)


def _at_work(outlook: Outlook, now: datetime) -> str:
    match outlook.get("waits_for"):
        case "time":
            return f"goes on {when(outlook['at'], now)}"
        case "retry":
            return f"failed, and is tried again {when(outlook['at'], now)}"
        case "agreement":
            return "waits for somebody's agreement"
        case "answer":
            return "waits for the signed answer"
        case "nodes":
            return "waits for another node"
        case _:
            return "is at work"


def next_text(document: Renewal, now: datetime) -> Text:
    """What happens next and when, after the words of what it waits for if no step told them."""
    following = document["next"]
    sentence = following["sentence"]
    if following["at"] is not None:
        sentence = f"{sentence.removesuffix('.')} {when(following['at'], now)}."
    reason = document["sentence"]
    told = {step["sentence"] for step in document.get("steps", ())}
    if not reason or reason in told or reason == following["sentence"]:
        return Text(sentence)
    # Many a reason ends with a command, and nothing may look like a part of it.
    separator = " " if reason.endswith(".") else "\n"
    return Text(f"{reason}{separator}{sentence}")


def _endpoint(endpoint: dict[str, str], now: datetime) -> str:
    name = title(endpoint["name"])
    if not endpoint["window"]:
        return name
    return f"{name}, activated {when(endpoint['activated_at'], now)} ({endpoint['window']})"


def _state(document: Renewal) -> Text:
    if document["failed"]:
        return Text("put off", BAD)
    return Text(document["state"], _STATE_STYLES.get(document["state"], ""))


def _brief_next(document: Renewal, now: datetime) -> str:
    at = document["next"]["at"]
    if at is not None:
        return when(at, now)
    return {"asking": "somebody's agreement", "waiting": "the answer"}.get(document["state"], "")


def _tick(step: RenewalStep) -> Text:
    if step["ok"] is None:
        return Text("…", QUIET)
    return Text("✓", GOOD) if step["ok"] else Text("✗", BAD)
