"""The main job, as its user does it: with openssl, curl and a real upstream."""

import json
import os
import resource
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.conftest import NodeStarter, RunningNode, run_certwright
from tests.materials.openssl_authority import OpensslAuthority


def run(*command: str, given: str = "") -> str:
    """Run a program that must succeed."""
    result = subprocess.run(
        command, capture_output=True, text=True, input=given, timeout=60, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def curl(node: RunningNode, url: str, *options: str, root: Path | None = None) -> str:
    """Fetch, trusting the node's root (or another) and nothing else."""
    return run("curl", "-sS", "--fail", "--cacert", str(root or node.root_file), *options, url)


def served_text(node: RunningNode, url: str) -> str:
    """The served leaf as openssl prints it; its chain must verify for the name."""
    shown = run(
        *("openssl", "s_client", "-connect", f"localhost:{node.port(url)}"),
        *("-servername", "localhost", "-verify_hostname", "localhost"),
        *("-CAfile", str(node.root_file), "-verify_return_error"),
    )
    return run("openssl", "x509", "-noout", "-text", given=shown)


@pytest.fixture(scope="module")
def node(start_module_node: NodeStarter) -> RunningNode:
    """A node as it comes, with what other tests left in it."""
    return start_module_node()


def test_first_start_makes_everything_right(start_node: NodeStarter) -> None:
    node = start_node("--name", "localhost", "--name", "127.0.0.1", "--name", "Server.Corp.Example")
    for url in ("designer_url", "web_url"):
        text = served_text(node, url)
        assert "CN = localhost" in text
        assert "DNS:localhost, IP Address:127.0.0.1, DNS:server.corp.example" in text
        assert "TLS Web Server Authentication\n" in text
        assert "TLS Web Client" not in text
        assert "NIST CURVE: P-256" in text
        assert "CA:FALSE" in text
        assert f":{node.port('publication_url')}/crl/" in text
    status = node.json("status")
    assert status["ready"]
    assert status["health"] == "good"
    listed = {one["common_name"]: one for one in node.json("certificates", "list")}
    leaf = listed["localhost"]
    assert (leaf["location"], leaf["store"]) == ("LocalMachine", "My")
    assert leaf["has_private_key"]
    assert len(leaf["serial"]) == 40
    begin, end = (datetime.fromisoformat(leaf[name]) for name in ("not_before", "not_after"))
    assert end - begin == timedelta(days=47, minutes=5)
    for endpoint in node.ready["endpoints"].values():
        assert endpoint["fingerprint"] == leaf["fingerprint"]
        assert endpoint["thumbprint"] == leaf["thumbprint"]
        assert endpoint["proof"]["verdict"] == "pass"
        assert endpoint["proof"]["tls_version"] == "TLSv1.3"
        assert endpoint["proof"]["group"] == "X25519MLKEM768"


def test_authority_is_published_and_its_chain_verifies(node: RunningNode, tmp_path: Path) -> None:
    url = node.ready["publication_url"]
    downloaded = run("curl", "-sS", "--fail", f"{url}root.pem")
    assert downloaded == node.root_file.read_text()
    chain = run(
        *("openssl", "s_client", "-connect", f"localhost:{node.port('web_url')}"),
        *("-servername", "localhost", "-showcerts"),
    )
    blocks = ["-----BEGIN" + part for part in chain.split("-----BEGIN")[1:]]
    (tmp_path / "leaf.pem").write_text(blocks[0])
    (tmp_path / "issuing.pem").write_text(blocks[1])
    texts = {
        name: run("openssl", "x509", "-noout", "-text", "-in", str(tmp_path / f"{name}.pem"))
        for name in ("leaf", "issuing")
    }
    assert "pathlen:0" in texts["issuing"]
    assert "Certificate Sign, CRL Sign" in texts["issuing"]
    assert "NIST CURVE: P-384" in run("openssl", "x509", "-noout", "-text", given=downloaded)
    lists = []
    for name, text in texts.items():
        address = text.partition("URI:http")[2]
        assert address, name
        crl = next(line for line in text.splitlines() if "/crl/" in line).strip()[len("URI:") :]
        der = tmp_path / f"{name}.crl"
        run("curl", "-sS", "--fail", "-o", str(der), crl)
        lists.append(run("openssl", "crl", "-inform", "DER", "-in", str(der)))
        issuer = next(line for line in text.splitlines() if "/ca/" in line).partition("URI:")[2]
        run("curl", "-sS", "--fail", "-o", str(tmp_path / f"{name}.cer"), issuer.strip())
    (tmp_path / "lists.pem").write_text("".join(lists))
    run(
        *("openssl", "verify", "-crl_check_all", "-CRLfile", str(tmp_path / "lists.pem")),
        *("-CAfile", str(node.root_file), "-untrusted", str(tmp_path / "issuing.pem")),
        str(tmp_path / "leaf.pem"),
    )


def test_second_start_finds_everything_again(start_node: NodeStarter, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("correct horse battery\n")
    first = start_node("--admin-password-file", str(tmp_path / "password"))
    before = (first.json("certificates", "list"), first.json("users", "list"))
    assert first.stop() == 0
    second = start_node(data=first.data)
    assert (second.json("certificates", "list"), second.json("users", "list")) == before
    assert second.root_file.read_text() == first.root_file.read_text()


def test_nothing_secret_is_readable_on_the_disk(start_node: NodeStarter) -> None:
    node = start_node()
    assert stat.S_IMODE(node.data.stat().st_mode) == 0o700
    key_file = node.data / "key-encryption.key"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    node.stop()
    for folder, _, files in os.walk(node.data):
        for file in files:
            content = (Path(folder) / file).read_bytes()
            assert b"PRIVATE KEY" not in content, file


def test_no_process_of_a_node_leaves_its_memory_on_a_disk(start_node: NodeStarter) -> None:
    former = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (former[1], former[1]))
    try:
        supervisor = start_node().process.pid
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, former)
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    assert len(children) == 4  # database, application, front and worker
    for process in (supervisor, *children):
        limits = Path(f"/proc/{process}/limits").read_text().splitlines()
        (line,) = [line for line in limits if line.startswith("Max core file size")]
        assert line.split()[4:6] == ["0", "0"], process


@pytest.mark.parametrize(
    ("legacy", "password", "chain"),
    [
        (False, "s3cret", True),
        (True, "s3cret", True),
        (False, "", True),
        (True, "", True),
        (False, "s3cret", False),
    ],
)
def test_own_certificate_is_used_from_the_first_start(
    start_node: NodeStarter,
    authority: OpensslAuthority,
    tmp_path: Path,
    legacy: bool,
    password: str,
    chain: bool,
) -> None:
    name = authority.issue("localhost")
    pfx = authority.pfx(name, password=password, legacy=legacy, chain=chain)
    (tmp_path / "password").write_text(password)
    node = start_node(
        *("--certificate", str(pfx), "--certificate-password-file", str(tmp_path / "password"))
    )
    fingerprint = authority.fingerprint(name)
    assert node.ready["endpoints"]["web-server"]["fingerprint"] == fingerprint
    assert node.ready["endpoints"]["configuration-server"]["fingerprint"] == fingerprint
    if chain:
        curl(node, node.ready["web_url"], root=authority.root)


def test_upstream_behind_the_web_server(
    start_node: NodeStarter, upstream: str, tmp_path: Path
) -> None:
    node = start_node("--upstream", upstream)
    url = node.ready["web_url"]
    assert curl(node, f"{url}hello.txt") == "hello from the upstream\n"
    assert curl(node, f"{url}hello.txt", "--http2") == "hello from the upstream\n"
    host = f"localhost:{node.port('web_url')}"
    seen = curl(
        node, f"{url}seen", "-H", "X-Forwarded-For: 203.0.113.9", "-H", "X-Forwarded-Proto: x"
    )
    addresses, protocol, forwarded_host = seen.split("|")
    assert addresses.endswith(("127.0.0.1", "::1"))
    assert "203.0.113.9" not in addresses
    assert protocol == "https"
    assert forwarded_host == host
    size = curl(node, f"{url}large.bin", "-o", "/dev/null", "-w", "%{size_download}")
    assert int(size) == 300 * 1024 * 1024


def test_select_activate_and_back(node: RunningNode, authority: OpensslAuthority) -> None:
    former = node.ready["endpoints"]["web-server"]["fingerprint"]
    pfx = authority.pfx(authority.issue("localhost"))
    imported = node.json("certificates", "import", str(pfx))
    fingerprint = imported["certificate"]["fingerprint"]
    saved = node.json("select", "web-server", fingerprint[:12])["endpoint"]
    assert (saved["saved"], saved["active"]) == (fingerprint, former)
    curl(node, node.ready["web_url"])
    assert node.json("activate", "node/web-server")["state"] == "proven"
    curl(node, node.ready["web_url"], root=authority.root)
    curl(node, node.ready["designer_url"])
    assert node.json("select", "web-server", former)["findings"] == []
    assert node.json("activate", "web-server")["state"] == "proven"
    curl(node, node.ready["web_url"])


def test_wrong_certificate_is_refused_then_put_back(
    node: RunningNode, authority: OpensslAuthority
) -> None:
    former = node.ready["endpoints"]["web-server"]["fingerprint"]
    file = authority.pem(authority.issue("other.corp.example"))
    wrong = node.json("certificates", "import", str(file))["certificate"]["fingerprint"]
    refused = node.command("select", "web-server", wrong, "--json")
    assert refused.returncode == 1
    error = json.loads(refused.stderr)
    assert error["code"] == "rules-failed"
    assert "san-lacks-name" in {finding["code"] for finding in error["findings"]}
    node.json("select", "web-server", wrong, "--despite-rules")
    result = node.command("activate", "web-server", "--json")
    assert result.returncode == 1
    activation = json.loads(result.stdout)
    assert activation["state"] == "put-back"
    assert any(
        step["ok"] is False and "localhost" in step["sentence"] for step in activation["steps"]
    )
    curl(node, node.ready["web_url"])
    assert node.json("prove", "node/web-server")["verdict"] == "pass"
    node.json("select", "web-server", former)


def test_protocol_switches_between_http_and_https(node: RunningNode) -> None:
    node.json("settings", "set", "web-server.protocol", "http")
    node.json("activate", "web-server")
    status = node.json("status")
    web = next(e for e in status["services"][0]["endpoints"] if e["name"] == "web-server")
    assert web["active_protocol"] == "http"
    assert "localhost" in run("curl", "-sS", "--fail", f"http://localhost:{web['port']}/")
    refused = subprocess.run(
        ["curl", "-sS", "-k", node.ready["web_url"]], capture_output=True, check=False
    )
    assert refused.returncode == 7
    node.json("settings", "set", "web-server.protocol", "https")
    node.json("activate", "web-server")
    curl(node, node.ready["web_url"])
    unavailable = node.command("settings", "set", "web-server.protocol", "https-ad-users")
    assert unavailable.returncode == 1
    assert "not available yet" in unavailable.stderr


def test_remote_command_line_with_a_token(node: RunningNode, tmp_path: Path) -> None:
    token = tmp_path / "token"
    node.json("tokens", "create", "script", "--right", "read", "--out", str(token))
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    remote = ("--server", node.ready["designer_url"], "--token-file", str(token))
    trusted = (*remote, "--ca-file", str(node.root_file))
    assert run_certwright("status", *trusted).returncode == 0
    denied = run_certwright("activate", "web-server", *trusted)
    assert denied.returncode == 1
    assert "modify" in denied.stderr
    untrusted = run_certwright("status", *remote)
    assert untrusted.returncode == 1
    assert "--ca-file" in untrusted.stderr


def test_probes_and_metrics(node: RunningNode) -> None:
    designer = node.ready["designer_url"]
    assert curl(node, f"{designer}healthz").strip() == "ok"
    assert curl(node, f"{designer}readyz").strip() == "ready"
    metrics = curl(node, f"{designer}metrics")
    line = next(
        line
        for line in metrics.splitlines()
        if line.startswith("certwright_endpoint_certificate_not_after_seconds{")
    )
    until = datetime.fromtimestamp(float(line.rpartition(" ")[2]), UTC)
    assert until - datetime.now(UTC) > timedelta(days=46)
