"""`prove host:port` where no node is running: judged by what this machine trusts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from certwright.cli.outside_proof import JUDGED_BY

from .conftest import Certwright, Remote


def prove(remote: Remote, data: Path, trusted: Path | None) -> subprocess.CompletedProcess[str]:
    target = remote.url.removeprefix("https://")
    trust = {"SSL_CERT_FILE": str(trusted)} if trusted else {}
    return subprocess.run(
        [sys.executable, "-m", "certwright", "prove", target, "--json", "--data", str(data)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | trust,
    )


def test_server_that_this_machine_does_not_trust(remote: Remote, tmp_path: Path) -> None:
    ended = prove(remote, tmp_path / "no node", None)
    assert ended.returncode == 1, ended.stderr
    proof = json.loads(ended.stdout)
    assert proof["verdict"] == "fail"
    assert proof["judged_by"] == JUDGED_BY
    assert [check["name"] for check in proof["checks"] if not check["ok"]] == ["trust"]
    assert len(proof["chain"]) == 1


def test_nobody_listens_there(certwright: Certwright, tmp_path: Path) -> None:
    outcome = certwright("prove", "127.0.0.1:1", "--json", "--data", tmp_path)
    assert outcome.exit_code == 1
    assert [check["name"] for check in outcome.document["checks"]] == ["handshake"]
    assert "127.0.0.1 port 1" in certwright("prove", "127.0.0.1:1", "--data", tmp_path).output


@pytest.mark.parametrize("target", ["host:", ":443", "host:0", "host:65536", "host:" + "9" * 5000])
def test_what_is_not_host_and_port(certwright: Certwright, tmp_path: Path, target: str) -> None:
    outcome = certwright("prove", target, "--data", tmp_path)
    assert outcome.exit_code == 1
    assert "is neither an endpoint nor host:port" in outcome.errors


def test_endpoint_needs_a_node(certwright: Certwright, tmp_path: Path) -> None:
    outcome = certwright("prove", "web-server", "--data", tmp_path)
    assert outcome.exit_code == 1
    assert "No node is running" in outcome.errors


def test_server_that_this_machine_trusts(remote: Remote, tmp_path: Path) -> None:
    ended = prove(remote, tmp_path / "no node", remote.ca_file)
    proof = json.loads(ended.stdout)
    assert (ended.returncode, proof["verdict"]) == (0, "pass"), proof["checks"]
