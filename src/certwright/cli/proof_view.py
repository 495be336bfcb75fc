"""A proof and an activation, as people read them."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from certwright.cli.documents import Activation, Proof
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
    verdict,
)
from certwright.designer.dates import ago_text
from certwright.designer.thumbprints import grouped


def proof_view(proof: Proof, now: datetime) -> RenderableType:
    """The verdict first, then each check, then what was served."""
    passed = proof["verdict"] == "pass"
    at = "" if proof["address"] == proof["name"] else f" at {proof['address']}"
    where = f"{proof['name']}{at} port {proof['port']}"
    headline = Text.assemble(("Proven", GOOD) if passed else ("Not proven", BAD), f": {where}")
    checks = table()
    for _ in range(3):
        checks.add_column(overflow="fold")
    checks.show_header = False
    for check in proof["checks"]:
        checks.add_row(verdict(passed=check["ok"]), check["name"], check["sentence"])
    remedy: tuple[RenderableType, ...] = ()
    if "remedy" in proof:
        remedy = (Text(proof["remedy"], ATTENTION), "")
    return Group(headline, "", checks, "", *remedy, _seen(proof, now))


def _seen(proof: Proof, now: datetime) -> RenderableType:
    seen: list[tuple[str, RenderableType]] = [("seen", ago_text(moment(proof["at"]), now))]
    served = [proof.get("tls_version"), proof.get("cipher"), proof.get("group")]
    if any(served):
        seen.append(("encryption", ", ".join(str(fact) for fact in served if fact)))
    if "judged_by" in proof:
        seen.append(("judged by", proof["judged_by"]))
    for position, link in enumerate(proof.get("chain") or []):
        seen.append(
            (
                "served" if position == 0 else "",
                Text.assemble(
                    f"{link['subject']}, until ",
                    until(link["not_after"], now),
                    (f"\nSHA-256 {grouped(link['fingerprint'])}", QUIET),
                ),
            )
        )
    thumbprint = proof.get("served_thumbprint")
    if thumbprint:
        seen.append(("thumbprint", grouped(thumbprint)))
    return facts(seen)


def activation_view(activation: Activation, now: datetime) -> RenderableType:
    """Each step as it went, then the outcome."""
    steps = table()
    for _ in range(2):
        steps.add_column(overflow="fold")
    steps.show_header = False
    for step in activation["steps"]:
        steps.add_row(verdict(passed=bool(step["ok"])), step["sentence"])
    name = title(activation["endpoint"])
    outcomes = {
        "proven": Text(f"Activated and proven: the {name} serves what is saved.", GOOD),
        "put-back": Text(f"Put back: the {name} serves what it served before.", BAD),
    }
    outcome = outcomes.get(
        activation["state"], Text(f"Failed: what the {name} serves is not proven.", BAD)
    )
    parts: list[RenderableType] = [steps, "", outcome]
    if activation["proof"] is not None:
        parts += ["", _seen(activation["proof"], now)]
    return Group(*parts)
