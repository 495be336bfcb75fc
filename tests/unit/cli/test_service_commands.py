"""`certwright services`: what it asks of the node, and what it does before a yes: nothing."""

import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from .conftest import Certwright, Node

ADDRESS = {"host": "127.0.0.1", "port": 443, "starttls": ""}
SEEN: dict[str, Any] = {
    "name": "nginx",
    "kind": "nginx",
    "machine": "local",
    "configuration": "/etc/nginx/nginx.conf",
    "version": "nginx 1.22.1",
    "activation": "nginx -s reload",
    "interrupts": False,
    "notes": [],
    "look": {"sentence": "Its configuration has a server that is not cared for yet: shop."},
    "new": [
        {
            "name": "nginx/shop",
            "names": ["shop.corp.example"],
            "addresses": [ADDRESS],
            "place": "/etc/nginx/shop.pem",
            "notes": [],
            "certificate": None,
            "findings": [],
        }
    ],
    "gone": ["nginx/old"],
    "changed": [
        {
            "name": "nginx/api",
            "names": ["api.corp.example", "www.corp.example"],
            "addresses": [ADDRESS],
            "former_names": ["api.corp.example"],
            "former_addresses": [],
        }
    ],
    "stays": ["nginx/www"],
    "mark": "ab" * 32,
}
AS_KNOWN = SEEN | {"look": {"sentence": ""}, "new": [], "gone": [], "changed": []}


def asked(node: Node) -> list[tuple[str, str]]:
    return [(one.method, one.path) for one in node.received]


def test_a_dry_run_shows_what_differs_and_says_yes_to_nothing(
    node: Node, data: Path, certwright: Certwright
) -> None:
    node.answer("POST", "services/nginx/plans", SEEN)
    outcome = certwright("services", "look", "nginx", "--dry-run", "--data", data)
    text = " ".join(outcome.output.split())
    assert "new nginx/shop" in text
    assert "gone nginx/old; its settings are forgotten" in text
    assert "changed nginx/api" in text
    assert "stays nginx/www" in text
    assert asked(node) == [("POST", "/api/v1/services/nginx/plans")]


def test_a_yes_is_to_what_was_shown(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("POST", "services/nginx/plans", SEEN)
    node.answer("POST", "services/nginx/look", SEEN)
    outcome = certwright("services", "look", "nginx", "--yes", "--data", data)
    assert outcome.exit_code == 0, outcome.errors
    assert "new nginx/shop" in " ".join(outcome.output.split())
    assert outcome.output.strip().endswith("nginx is cared for as it is now.")
    assert node.received[1].path == "/api/v1/services/nginx/look"
    assert node.received[1].document == {"mark": SEEN["mark"]}


def test_where_nothing_differs_nobody_is_asked(
    node: Node, data: Path, certwright: Certwright
) -> None:
    node.answer("POST", "services/nginx/plans", AS_KNOWN)
    outcome = certwright("services", "look", "nginx", "--data", data)
    assert outcome.exit_code == 0
    assert "Its endpoints are as Certwright knows them." in outcome.output
    assert len(node.received) == 1


def test_a_program_that_says_neither_yes_nor_dry_run_is_told_to(
    node: Node, data: Path, certwright: Certwright
) -> None:
    node.answer("POST", "services/nginx/plans", SEEN)
    outcome = certwright("services", "look", "nginx", "--json", "--data", data)
    assert outcome.exit_code == 2
    assert "--yes or --dry-run" in outcome.errors
    assert len(node.received) == 1


@pytest.mark.parametrize(
    ("command", "path", "document"),
    [
        ("add", "services/plans", {**SEEN, "endpoints": SEEN["new"]}),
        ("look", "services/nginx/plans", SEEN),
    ],
)
def test_where_nobody_can_be_asked_that_is_said_and_nothing_is_taken_on(
    node: Node,
    data: Path,
    certwright: Certwright,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    path: str,
    document: dict[str, Any],
) -> None:
    node.answer("POST", path, document)
    monkeypatch.setattr(sys, "stdin", StringIO())
    outcome = certwright("services", command, "nginx", "--data", data)
    assert outcome.exit_code == 1
    assert "nginx/shop" in outcome.output
    assert "Nobody could be asked, as there is no terminal" in outcome.errors
    assert "--yes" in outcome.errors
    assert len(node.received) == 1


def test_with_yes_the_plan_is_shown_as_well(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("POST", "services/plans", {**SEEN, "endpoints": SEEN["new"]})
    node.answer("POST", "services", SEEN)
    outcome = certwright("services", "add", "nginx", "--yes", "--data", data)
    assert outcome.exit_code == 0, outcome.errors
    assert "/etc/nginx/shop.pem" in outcome.output
    assert outcome.output.strip().endswith("nginx is cared for from now on.")
    alone = certwright("services", "add", "nginx", "--yes", "--json", "--data", data)
    assert alone.document == SEEN


class Terminal(StringIO):
    """Somebody who answers."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "more", "exit_code", "asked_of_the_node"),
    [("n\n", (), 1, 0), ("y\n", (), 0, 1), ("", ("--yes",), 0, 1)],
)
def test_a_person_is_asked_before_the_settings_of_a_service_are_forgotten(
    node: Node,
    data: Path,
    certwright: Certwright,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    more: tuple[str, ...],
    exit_code: int,
    asked_of_the_node: int,
) -> None:
    node.answer("DELETE", "services/nginx", None, 204)
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    outcome = certwright("services", "remove", "nginx", *more, "--data", data)
    assert outcome.exit_code == exit_code
    assert ("with its endpoints and their settings?" in outcome.errors) is not bool(more)
    assert len(node.received) == asked_of_the_node


def test_a_script_that_removes_a_service_means_it(
    node: Node, data: Path, certwright: Certwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.answer("DELETE", "services/nginx", None, 204)
    monkeypatch.setattr(sys, "stdin", StringIO())
    assert certwright("services", "remove", "nginx", "--data", data).exit_code == 0
    assert len(node.received) == 1


def test_a_path_is_meant_as_it_is_where_the_command_is_given(
    node: Node,
    data: Path,
    certwright: Certwright,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    node.answer("POST", "services/plans", {**SEEN, "endpoints": []})
    monkeypatch.chdir(tmp_path)
    outcome = certwright(
        *("services", "add", "nginx", "--config", "nginx.conf", "--dry-run", "--data", data)
    )
    assert outcome.exit_code == 0, outcome.errors
    assert node.received[0].document["configuration"] == str(tmp_path / "nginx.conf")
