"""From a running node into the hands of other programs, by the command line."""

import json
import stat
import subprocess
from pathlib import Path

import pytest
from tests.conftest import NodeStarter, RunningNode, run_certwright


@pytest.fixture(scope="module")
def node(start_module_node: NodeStarter) -> RunningNode:
    return start_module_node()


@pytest.fixture
def served(node: RunningNode) -> str:
    """The thumbprint of what the Web Server serves."""
    return str(node.ready["endpoints"]["web-server"]["thumbprint"])


def openssl(*arguments: str, given: bytes = b"") -> str:
    done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def test_pfx_with_its_private_key(node: RunningNode, served: str, tmp_path: Path) -> None:
    password, out = tmp_path / "password", tmp_path / "served.pfx"
    password.write_text("correct horse\n")
    password.chmod(0o600)
    document = node.json(
        *("certificates", "export", served, "--format", "pfx", "--with-key"),
        *("--password-file", str(password), "--out", str(out)),
    )
    assert document == {"file": str(out), "bytes": out.stat().st_size, "private_key": True}
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    said = openssl("pkcs12", "-in", str(out), "-nodes", "-passin", "pass:correct horse")
    assert said.count("BEGIN CERTIFICATE") == 3
    assert "BEGIN PRIVATE KEY" in said
    event = next(one for one in node.json("events") if one["kind"] == "private-key-exported")
    name = f"localhost (thumbprint {served[:8]})"
    assert event["message"] == f"{name} exported with its private key, as PFX"


def test_certificate_goes_through_a_pipe(node: RunningNode, served: str) -> None:
    result = node.command("certificates", "export", served, "--format", "pem", "--out", "-")
    assert result.stdout.count("BEGIN CERTIFICATE") == 2
    fingerprint = openssl("x509", "-noout", "-fingerprint", given=result.stdout.encode())
    assert fingerprint.strip().replace(":", "").lower().endswith(served)


def test_set_for_a_program(node: RunningNode, served: str, tmp_path: Path) -> None:
    out = tmp_path / "nginx.zip"
    result = node.command("certificates", "export", served, "--set", "nginx", "--out", str(out))
    assert result.stdout.endswith("with the private key: keep it safe).\n")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    again = node.command("certificates", "export", served, "--set", "nginx", "--out", str(out))
    assert again.returncode == 1
    assert "is there already" in again.stderr


def test_what_lacks_is_said(node: RunningNode, served: str, tmp_path: Path) -> None:
    out = str(tmp_path / "x")
    refused = node.command(
        *("certificates", "export", served, "--format", "pfx", "--with-key", "--out", out)
    )
    assert refused.returncode == 1
    assert "needs a password" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_for_a_client_passes_where_a_client_shows_it_and_nowhere_else(
    node: RunningNode, tmp_path: Path
) -> None:
    name, out = "reports.corp.example", tmp_path / "client.pem"
    done = node.json("request", name, "--profile", "client", "--out", str(out))
    assert (done["state"], done["profile"]) == ("done", "client")
    verify = ("verify", "-CAfile", str(node.root_file), "-untrusted", str(out), "-purpose")
    assert openssl(*verify, "sslclient", str(out)).endswith("OK\n")
    refused = subprocess.run(
        ["openssl", *verify, "sslserver", str(out)], capture_output=True, text=True, check=False
    )
    assert refused.returncode != 0
    assert "purpose" in refused.stderr
    judge = ("check", str(out), "--for", name, "--trust", str(node.root_file), "--json")
    as_client = run_certwright(*judge, "--profile", "client")
    assert json.loads(as_client.stdout)["findings"] == []
    as_server = run_certwright(*judge)
    assert [one["code"] for one in json.loads(as_server.stdout)["findings"]] == [
        "server-auth-missing"
    ]
