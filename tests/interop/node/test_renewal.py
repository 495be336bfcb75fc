"""Renewals of a whole node by its command line, while calls go on."""

import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from soak.traffic import Caller, Seen
from tests.conftest import NodeStarter, RunningNode


@pytest.fixture(scope="module")
def node(start_module_node: NodeStarter) -> RunningNode:
    """A node as it comes."""
    return start_module_node()


def active(node: RunningNode) -> dict[str, str]:
    """What each endpoint of the node itself serves, by the node's own account."""
    (service,) = node.json("status")["services"]
    return {one["name"]: one["active"] for one in service["endpoints"]}


def test_nothing_is_due_on_the_first_day(node: RunningNode) -> None:
    planned = node.command("renew", "--due", "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert planned.stdout.startswith("Nothing is due.")
    assert "About two thirds of its lifetime are over then." in planned.stdout
    assert "Renewals: The next renewal is on " in node.command("status").stdout
    assert node.command("renew", "--due").returncode == 0
    assert node.json("renewals", "list") == []


def test_both_endpoints_serve_the_new_one_and_no_call_fails(node: RunningNode) -> None:
    former = active(node)
    stop = threading.Event()
    seen = Seen("web server")
    callers = [Caller(seen, node.port("web_url"), node.root_file, stop) for _ in range(3)]
    for caller in callers:
        caller.start()
    try:
        renewed = node.command("renew", former["web-server"][:12])
    finally:
        stop.set()
        for caller in callers:
            caller.join(30)
    assert renewed.returncode == 0, renewed.stdout + renewed.stderr
    lines = renewed.stdout.splitlines()
    assert all(line.startswith("✓ ") for line in lines[:-1]), renewed.stdout
    assert lines[-1].startswith("Done: the new certificate for localhost has the thumbprint ")
    (new,) = set(active(node).values())
    assert new not in former.values()
    assert seen.failures == []
    assert seen.calls > 0
    assert {former["web-server"], new} >= seen.certificates
    for endpoint in former:
        proof = node.json("prove", endpoint)
        assert (proof["verdict"], proof["served_fingerprint"]) == ("pass", new)
    assert node.json("renewals", "list")[0]["state"] == "done"


def test_a_certificate_is_requested_with_a_key_of_ours_and_of_others(
    node: RunningNode, tmp_path: Path
) -> None:
    out = tmp_path / "mail.pem"
    names = ("mail.corp.example", "*.corp.example")
    story = node.json("request", *names, "--key-type", "rsa-2048", "--out", str(out))
    assert story["state"] == "done"
    shown = node.json("certificates", "show", story["issued"])
    assert (shown["has_private_key"], set(shown["names"])) == (True, set(names))
    _verify(node, out)
    key, signing_request = tmp_path / "key.pem", tmp_path / "request.pem"
    subprocess.run(
        [
            *("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a.example"),
            *("-addext", "subjectAltName=DNS:a.example", "-keyout", str(key)),
            *("-out", str(signing_request)),
        ],
        check=True,
        capture_output=True,
    )
    out = tmp_path / "a.pem"
    story = node.json("request", "--csr", str(signing_request), "--out", str(out))
    assert not node.json("certificates", "show", story["issued"])["has_private_key"]
    _verify(node, out)
    public = ("openssl", "pkey", "-in", str(key), "-pubout")
    served = ("openssl", "x509", "-in", str(out), "-noout", "-pubkey")
    assert _printed(*public) == _printed(*served)


def test_a_setting_of_the_window_keeps_the_new_one_until_it_opens(node: RunningNode) -> None:
    day = datetime.now(UTC) + timedelta(days=3)
    node.json("settings", "set", "web-server.window", f"{day:%a} 02:00-02:01")
    former = active(node)
    waiting = node.command("renew", former["web-server"][:12])
    assert waiting.returncode == 0, waiting.stderr
    assert "it is activated in the maintenance window" in waiting.stdout
    assert active(node)["web-server"] == former["web-server"]
    (number,) = (one["id"] for one in node.json("renewals", "list", "--state", "waiting"))
    assert node.json("renewals", "decline", str(number))["state"] == "declined"
    node.json("settings", "set", "web-server.window", "")


def _verify(node: RunningNode, file: Path) -> None:
    """`file` has a leaf and what leads from it to the node's root."""
    result = subprocess.run(
        ["openssl", "verify", "-CAfile", node.root_file, "-untrusted", file, file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def _printed(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
