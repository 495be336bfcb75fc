"""The command itself: help, version, exit codes, and errors in one line."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.processor import is_within

from certwright import __version__
from certwright.cli import node_command
from certwright.cli.places import default_data_folder

from .conftest import Certwright, Node

COMMANDS = [
    "status",
    "certificates list",
    "certificates show",
    "certificates import",
    "select",
    "activate",
    "prove",
    "renew",
    "request",
    "renewals list",
    "renewals show",
    "renewals agree",
    "renewals decline",
    "renewals postpone",
    "renewals now",
    "settings get",
    "settings set",
    "users list",
    "users add",
    "users set-right",
    "users set-password",
    "users remove",
    "tokens list",
    "tokens create",
    "tokens remove",
]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "certwright", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(certwright: Certwright, command: str) -> None:
    outcome = certwright(*command.split(), "--help")
    assert outcome.exit_code == 0
    for option in ("--data", "--server", "--token-file", "--json"):
        assert option in outcome.output


def test_version_as_a_module() -> None:
    ended = run("--version")
    assert (ended.returncode, ended.stdout) == (0, f"certwright {__version__}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-command"],
        ["status", "--no-such-option"],
        ["select", "web-server"],
        ["status", "--data", "/d", "--server", "https://todd.corp.example"],
        ["status", "--server", "https://todd.corp.example"],
    ],
)
def test_wrong_usage_ends_with_2(certwright: Certwright, arguments: list[str]) -> None:
    assert certwright(*arguments).exit_code == 2


def test_no_node_is_one_line_with_the_remedy(certwright: Certwright, tmp_path: Path) -> None:
    outcome = certwright("status", "--data", tmp_path)
    assert outcome.exit_code == 1
    assert outcome.output == ""
    assert outcome.errors == (
        f"certwright: No node is running with the data folder {tmp_path}. "
        "Name the folder of the one that runs (--data DIR, or CERTWRIGHT_DATA), or start it: "
        f"certwright up --data {tmp_path}\n"
    )


def test_unforeseen_error_is_one_line_without_its_text(
    certwright: Certwright, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_arguments: object) -> None:
        raise LookupError("the password is secret")

    monkeypatch.setattr(node_command, "choose_target", broken)
    outcome = certwright("status", "--data", tmp_path)
    assert outcome.exit_code == 1
    assert "LookupError" in outcome.errors
    assert "secret" not in outcome.errors
    assert len(outcome.errors.splitlines()) == 1
    monkeypatch.setenv("CERTWRIGHT_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["certwright", "status"])
    with pytest.raises(LookupError):
        node_command.node_command(lambda _call: None)(json=False, **dict.fromkeys(OPTIONS))


OPTIONS = ("data", "server", "token_file", "ca_file")


@pytest.mark.alone
def test_help_is_there_at_once() -> None:
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        assert run("--help").returncode == 0
        seconds.append(time.perf_counter() - began)
    # The best of five: other work on the machine only ever adds.
    assert is_within(min(seconds), 0.3)


def test_start_of_a_node_does_not_load_the_client_nor_the_client_the_node() -> None:
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import certwright.cli.main"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = set(re.findall(r"\| +([\w.]+)$", ended.stderr, re.MULTILINE))
    assert "typer" in loaded
    assert loaded.isdisjoint({"httpx", "sqlalchemy", "fastapi", "rich", "cryptography"})


def test_client_does_not_load_the_node(node: Node, data: Path) -> None:
    node.answer("GET", "certificates?limit=500", [])
    ended = subprocess.run(
        [
            sys.executable,
            "-X",
            "importtime",
            "-m",
            "certwright",
            "certificates",
            "list",
            "--data",
            str(data),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = set(re.findall(r"\| +([\w.]+)$", ended.stderr, re.MULTILINE))
    assert "httpx" in loaded
    assert loaded.isdisjoint({"sqlalchemy", "fastapi", "starlette", "cryptography", "granian"})


def test_default_data_folder() -> None:
    folder = default_data_folder()
    if os.geteuid() == 0:
        assert folder == Path("/var/lib/certwright/node")
    else:
        assert folder.is_relative_to(Path.home())
