"""`certwright certificates show` with the parts of the certificate window."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from certwright.cli.certificate_details_view import Part, details_view

from .conftest import Certwright, Node
from .documents import CERTIFICATE, DETAILS

URL = "certificates/720e95b9/details"
PARTS = {
    "--details": ("Details", "Common Name (CN)"),
    "--path": ("Certification Path", "Clients refuse this chain."),
    "--endpoints": ("Right for", "Its names lack todd.corp.example."),
    "--asn1": ("ASN.1", "SEQUENCE"),
}


def lines_of(certwright: Certwright, data: Path, *options: str) -> list[str]:
    outcome = certwright("certificates", "show", "720e95b9", *options, "--data", data)
    assert outcome.exit_code == 0, outcome.errors
    return [line.rstrip() for line in outcome.output.splitlines()]


@pytest.mark.parametrize("wanted", PARTS)
def test_only_the_part_that_is_asked_for(
    node: Node, data: Path, certwright: Certwright, wanted: str
) -> None:
    node.answer("GET", URL, DETAILS)
    text = "\n".join(lines_of(certwright, data, wanted))
    for option, (heading, content) in PARTS.items():
        assert (f"\n{heading}\n" in text) is (option == wanted)
        assert (content in text) is (option == wanted)


def test_parts_come_in_the_order_of_the_window(
    node: Node, data: Path, certwright: Certwright
) -> None:
    node.answer("GET", URL + "?location=LocalMachine&store=My", DETAILS)
    place = ("--location", "LocalMachine", "--store", "My")
    lines = lines_of(certwright, data, *reversed(PARTS), *place)
    places = [lines.index(heading) for heading, _ in PARTS.values()]
    assert places == sorted(places)


def test_details_are_told_line_by_line(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", URL, DETAILS)
    assert lines_of(certwright, data, "--details")[3:] == [
        "Subject",
        "  Common Name (CN)  todd.corp.example",
        "Signature",
        "  Value  4 octets",
        "         3006 aabb",
        "Subject Alternative Name critical 2.5.29.17",
        "  Names  DNS todd.corp.example",
        "         IP 192.0.2.1",
        "Further extensions",
        "  3 more are not shown.",
    ]


def test_chain_is_a_tree_with_remedies(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", URL, DETAILS)
    lines = lines_of(certwright, data, "--path")[3:]
    assert lines[:4] == [
        "Clients refuse this chain. The issuer is missing.",
        "broken  Corp Root  Missing issuer",
        "    Corp Root is missing. Import it.",
        "└ good  todd.corp.example  Leaf",
    ]
    assert lines[4].startswith("    good until 9 Jan 2027 (")
    assert lines[4].endswith("), 720e 95b9 …")


def test_each_endpoint_says_right_or_why_not(
    node: Node, data: Path, certwright: Certwright
) -> None:
    node.answer("GET", URL, DETAILS)
    assert lines_of(certwright, data, "--endpoints")[3:] == [
        "Web Server: not right; not used",
        "  error  Its names lack todd.corp.example. Ask for one that has it. [san-lacks-name]",
        "Configuration Server: right; saved and served",
        "  Names, chain, key and dates fit.",
    ]


def test_issuer_is_said_to_be_for_no_endpoint(
    node: Node, data: Path, certwright: Certwright
) -> None:
    node.answer("GET", URL, DETAILS | {"is_issuer_only": True, "endpoints": []})
    assert "no endpoint can serve it itself." in lines_of(certwright, data, "--endpoints")[3]


def test_raw_tree_is_indented(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", URL, DETAILS)
    assert lines_of(certwright, data, "--asn1")[3:] == [
        "  Offset    Length  Element",
        "       0       900  SEQUENCE",
        "       4         1    INTEGER 2",
        "       7         9    damaged At offset 7: its length is absurd.",
    ]


def test_deep_tree_is_whole_on_a_narrow_screen() -> None:
    tree = DETAILS["asn1"] | {"value": "the deepest", "children": []}
    for _ in range(33):
        tree = DETAILS["asn1"] | {"children": [tree]}
    document: Any = DETAILS | {"asn1": tree}
    console = Console(file=StringIO(), width=40)
    with console.capture() as captured:
        console.print(details_view(document, [Part.ASN1], datetime.now(UTC)))
    text = captured.get()
    assert text.count("SEQUENCE") == 34
    assert "the deepest" in text


def test_document_is_printed_whole(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", URL, DETAILS)
    outcome = certwright("certificates", "show", "720e95b9", "--path", "--json", "--data", data)
    assert outcome.document == DETAILS


def test_show_alone_asks_for_no_details(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", "certificates/720e95b9", CERTIFICATE)
    assert "CN=todd.corp.example" in "\n".join(lines_of(certwright, data))


def hostile(document: Any) -> Any:
    """The same with every text steering the terminal, but for times and digits."""
    if isinstance(document, dict):
        return {
            key: value if key in {"not_after", "thumbprint"} else hostile(value)
            for key, value in document.items()
        }
    if isinstance(document, list):
        return [hostile(one) for one in document]
    return f"{document}\x1b[2J\u202e\r\n[red]" if isinstance(document, str) else document


def test_hostile_texts_steer_no_terminal(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", URL, hostile(DETAILS))
    lines = lines_of(certwright, data, *PARTS)
    assert all(line.isprintable() for line in lines)
    assert any("[red]" in line for line in lines)


@pytest.mark.parametrize("part", ["fields", "extensions", "path", "endpoints", "asn1"])
def test_answer_that_lacks_a_part_is_told(
    node: Node, data: Path, certwright: Certwright, part: str
) -> None:
    node.answer("GET", URL, DETAILS | {part: None})
    outcome = certwright("certificates", "show", "720e95b9", *PARTS, "--data", data)
    assert outcome.exit_code == 1
    assert "same version" in outcome.errors
