"""What the tabs of the certificate window show, as people read it on a terminal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from certwright.cli.certificate_documents import (
    Asn1Element,
    CertificateDetails,
    DetailField,
    EndpointVerdict,
    Extension,
    PathLink,
)
from certwright.cli.certificate_view import name_of
from certwright.cli.wording import (
    ATTENTION,
    BAD,
    GOOD,
    QUIET,
    facts,
    findings_list,
    title,
    until,
)
from certwright.designer.thumbprints import grouped, shortened

_INDENT = 2
_DEEPEST_LINK = 8
"""From here on links are indented no further: many would leave a screen."""
_STATE_STYLES = {"good": GOOD, "broken": BAD}


class Part(StrEnum):
    """The parts that can be asked for, in the order of the window's tabs."""

    DETAILS = "Details"
    PATH = "Certification Path"
    ENDPOINTS = "Right for"
    ASN1 = "ASN.1"


def details_view(
    document: CertificateDetails, parts: Sequence[Part], now: datetime
) -> RenderableType:
    """Each of `parts` under its name."""
    shown: list[RenderableType] = [Text(name_of(document), "bold")]
    for part in parts:
        shown += ["", Text(part.value, "bold underline"), _VIEWS[part](document, now)]
    return Group(*shown)


def _details(document: CertificateDetails, _now: datetime) -> RenderableType:
    sections = groupby(document["fields"], key=lambda field: field["section"])
    return Group(
        *(_section(Text(name, "bold"), "", fields) for name, fields in sections),
        *(_extension(extension) for extension in document["extensions"]),
    )


def _extension(extension: Extension) -> RenderableType:
    heading = Text.assemble(
        (extension["name"], "bold"),
        (" critical" if extension["critical"] else "", ATTENTION),
        (f" {extension['object_identifier'] or ''}", QUIET),
    )
    return _section(heading, extension["note"] or "", extension["value"])


def _section(heading: Text, note: str, fields: Iterable[DetailField]) -> RenderableType:
    rows = facts((field["name"], _value(field)) for field in fields)
    notes = [Text(note, QUIET)] if note else []
    return Group(heading, Padding(Group(*notes, rows), (0, 0, 0, _INDENT), expand=False))


def _value(field: DetailField) -> Text:
    value = Text("\n".join(field["value"]))
    return value.append(f"\n{grouped(field['octets'])}", QUIET) if field["octets"] else value


def _path(document: CertificateDetails, now: datetime) -> RenderableType:
    path = document["path"]
    verdict = (
        Text("The chain leads to a trusted root, and every link holds.", GOOD)
        if path["ok"]
        else Text(f"Clients refuse this chain. {path['reason']}", BAD)
    )
    links = (_link(link, depth, now) for depth, link in enumerate(path["links"]))
    return Group(verdict, *links)


def _link(link: PathLink, depth: int, now: datetime) -> RenderableType:
    lines = [
        Text.assemble(
            ("└ " if depth else "", QUIET),
            (link["state"], _STATE_STYLES.get(link["state"], "")),
            f"  {link['name']}  ",
            (link["role"], QUIET),
        )
    ]
    if link["thumbprint"] and link["not_after"]:
        elsewhere = "" if link["store"] else ", known to the node's machine, in none of its stores"
        known = Text.assemble(
            "good until ", until(link["not_after"], now), f", {shortened(link['thumbprint'])}"
        )
        lines.append(known.append(elsewhere))
    lines += [Text(f"{fault['reason']} {fault['remedy']}") for fault in link["faults"]]
    beneath = [Padding(line, (0, 0, 0, 2 * _INDENT), expand=False) for line in lines[1:]]
    indent = _INDENT * min(max(depth - 1, 0), _DEEPEST_LINK)
    return Padding(Group(lines[0], *beneath), (0, 0, 0, indent), expand=False)


def _endpoints(document: CertificateDetails, _now: datetime) -> RenderableType:
    if document["is_issuer_only"]:
        return Text(
            "An authority's certificate without its private key. It stands in the chains of "
            "others; no endpoint can serve it itself."
        )
    return Group(*(_endpoint(verdict) for verdict in document["endpoints"]))


def _endpoint(verdict: EndpointVerdict) -> RenderableType:
    findings = verdict["findings"]
    reserved = ", with a reservation" if verdict["right"] and findings else ""
    right = Text("right", GOOD) if verdict["right"] else Text("not right", BAD)
    heading = Text.assemble(
        (title(verdict["endpoint"]), "bold"), ": ", right, f"{reserved}; {verdict['use']}"
    )
    reasons = findings_list(findings) if findings else Text("Names, chain, key and dates fit.")
    return Group(heading, Padding(reasons, (0, 0, 0, _INDENT), expand=False))


def _asn1(document: CertificateDetails, _now: datetime) -> RenderableType:
    # No table: 2,000 rows of one take seconds, and what is deep is lost on a narrow screen.
    lines = (_element(element, depth) for depth, element in _elements(document["asn1"]))
    return Group(Text(f"{'Offset':>8}  {'Length':>8}  Element", QUIET), *lines)


def _element(element: Asn1Element, depth: int) -> Text:
    return Text.assemble(
        f"{element['offset']:>8}  {element['length']:>8}  {' ' * _INDENT * depth}",
        (element["name"], "bold"),
        f" {element['value'] or ''}",
        (element["problem"] or "", BAD),
    )


def _elements(element: Asn1Element, depth: int = 0) -> Iterator[tuple[int, Asn1Element]]:
    yield depth, element
    for child in element["children"]:
        yield from _elements(child, depth + 1)


_VIEWS: dict[Part, Callable[[CertificateDetails, datetime], RenderableType]] = {
    Part.DETAILS: _details,
    Part.PATH: _path,
    Part.ENDPOINTS: _endpoints,
    Part.ASN1: _asn1,
}
