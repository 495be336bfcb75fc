"""From a running node into the hands of other programs, by the command line."""

import stat
import subprocess
from pathlib import Path

import pytest
from tests.conftest import NodeStarter, RunningNode


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
    event = node.json("events", "--limit", "1")[0]
    assert event["kind"] == "private-key-exported"
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
