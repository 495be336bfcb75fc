"""The answer of `certwright check`, as people read it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from certwright.cli.wording import (
    ATTENTION,
    BAD,
    GOOD,
    QUIET,
    facts,
    findings_list,
    until,
)
from certwright.designer.dates import date_text
from certwright.designer.thumbprints import grouped

_GOOD_STATES = frozenset({"good", "trusted"})
_MOST_NAMES = 12


def check_view(answer: Any, now: datetime) -> RenderableType:
    """The verdict in one line, each finding with its remedy, then what was looked at."""
    findings = answer["findings"]
    parts: list[RenderableType] = [_headline(answer)]
    if findings:
        parts += ["", findings_list(findings)]
    return Group(*parts, "", _looked_at(answer, now))


def _headline(answer: Any) -> Text:
    whom = f"{', '.join(answer['names'])} ({answer['environment']})"
    counts = _counts([finding["severity"] for finding in answer["findings"]])
    if answer["verdict"] != "pass":
        return Text.assemble(("Not right", BAD), f" for {whom}: {counts}.")
    return Text.assemble(("Right", GOOD), f" for {whom}{f': {counts}' if counts else ''}.")


def _counts(severities: Sequence[str]) -> str:
    counted = ((severities.count(word), word) for word in ("error", "warning", "notice"))
    return ", ".join(f"{count} {word}{'s' * (count > 1)}" for count, word in counted if count)


def _looked_at(answer: Any, now: datetime) -> RenderableType:
    certificate = answer["certificate"]
    names = certificate["names"]
    more = f"\nand {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    rows: list[tuple[str, RenderableType]] = [
        ("source", f"{answer['source']} ({answer['format']})"),
        ("subject", certificate["subject"] or "(empty)"),
        ("names", "\n".join(names[:_MOST_NAMES]) + more or "none"),
        ("issuer", certificate["issuer"]),
        ("valid from", date_text(datetime.fromisoformat(certificate["not_before"]))),
        ("good until", until(certificate["not_after"], now)),
        ("key", f"{certificate['key']}, {_key_words(answer)}"),
        ("thumbprint", grouped(certificate["thumbprint"])),
    ]
    if answer["handshake"]:
        seen = answer["handshake"]
        served = (seen["tls_version"], seen["cipher"], seen["group"])
        rows.append(("encryption", ", ".join(str(fact) for fact in served if fact)))
    rows += [("chain" if not depth else "", line) for depth, line in _chain(answer["chain"], now)]
    for one in answer["revocation"]:
        rows.append(("revocation", _revocation(one)))
    return facts(rows)


def _key_words(answer: Any) -> str:
    if answer["handshake"]:
        return "proven by the handshake"
    return "a private key beside it" if answer["certificate"]["has_private_key"] else "no key here"


def _chain(chain: Sequence[Any], now: datetime) -> list[tuple[int, Text]]:
    lines = []
    for depth, link in enumerate(chain):
        branch = f"{'  ' * (depth - 1)}└ " if depth else ""
        state = link["state"]
        style = GOOD if state in _GOOD_STATES else BAD
        origin = "" if link["from"] == "source" else ", from the trusted roots"
        line = Text.assemble(
            f"{branch}{link['name']}  ",
            (f"until {until(link['not_after'], now)}{origin}  ", QUIET),
            (state, style),
        )
        lines.append((depth, line))
    return lines


def _revocation(one: Any) -> Text:
    styles = {"good": GOOD, "revoked": BAD}
    told = one["failure"] or f"by {one['source']} at {one['asked']}"
    line = Text.assemble(f"{one['name']}: ", (one["state"], styles.get(one["state"], ATTENTION)))
    return line.append(f" ({told})", QUIET).append(f" {one['note']}" if one["note"] else "", QUIET)
