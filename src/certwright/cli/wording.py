"""Pieces of what people read, the same in every command."""

from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from certwright.cli.certificate_documents import Finding
from certwright.designer.dates import ago_text, clock_text, distance_text, until_text

GOOD = "green"
ATTENTION = "yellow"
BAD = "red"
QUIET = "dim"

_SEVERITY_STYLES = {"error": BAD, "warning": ATTENTION, "notice": QUIET}
_STATUS_STYLES = {"valid": GOOD, "expired": BAD, "not-yet-valid": ATTENTION}


def moment(text: str) -> datetime:
    """The moment that an RFC 3339 `text` with an offset names; raises ValueError for others."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError("a time without an offset")
    return parsed.astimezone(UTC)


def title(name: str) -> str:
    """An endpoint as its users call it: `web-server` is the Web Server.

    That of a service is called what the service calls it.
    """
    service, separator, endpoint = name.partition("/")
    return f"{endpoint} of {service}" if separator else name.replace("-", " ").title()


def verdict(*, passed: bool) -> Text:
    """A state by word and colour."""
    return Text("ok", GOOD) if passed else Text("failed", BAD)


def status_word(status: str) -> Text:
    """The state of a certificate by word and colour."""
    return Text(status.replace("-", " "), _STATUS_STYLES.get(status, ""))


def until(text: str, now: datetime) -> Text:
    """The end of a certificate: `9 Jan 2027 (47 days)`."""
    end = moment(text)
    return Text(until_text(end, now), BAD if end < now else "")


def when(text: str, now: datetime) -> str:
    """A moment (UTC), and how far away: `22:00 (in 3 hours)`, `8 Jan 2027, 09:14 (45 days ago)`."""
    at = moment(text)
    far = f"in {distance_text(at, now)}" if at > now else ago_text(at, now)
    return f"{clock_text(at, now)} ({far})"


def table(*headings: str) -> Table:
    """An empty table without lines."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        made.add_column(heading, overflow="fold")
    return made


def facts(rows: Iterable[tuple[str, RenderableType]]) -> Table:
    """Names on the left, what is known of them on the right."""
    made = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    made.add_column(style=QUIET, no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(name, value)
    return made


def findings_list(findings: Iterable[Finding]) -> RenderableType:
    """What the rules say, each with its remedy."""
    lines = []
    for finding in findings:
        line = Text.assemble(
            (finding["severity"], _SEVERITY_STYLES.get(finding["severity"], "")),
            f"  {finding['message']} {finding['remedy']} ",
            (f"[{finding['code']}]", QUIET),
        )
        lines.append(line)
    return Group(*lines)
