"""`certwright authorities`: what it asks of the node, what it prints, what it refuses itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_csr

from certwright.authorities.authority import request_for
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name

from ..foreign_authority import self_signed
from .conftest import Certwright, Node, Remote

TEAM: dict[str, Any] = {"name": "team", "kind": "by-hand", "settings": {}, "secrets": []}
INTERNAL = TEAM | {
    "name": "internal",
    "kind": "internal",
    "root_fingerprint": "ab" * 32,
    "issuing_until": "2029-11-24T09:00:00Z",
}
COMMAND = TEAM | {
    "name": "adcs",
    "kind": "command",
    "settings": {"command": ["/usr/bin/sign", "Web Server"], "limit": 30},
}
ACME = TEAM | {
    "name": "public",
    "kind": "acme",
    "settings": {"directory": "letsencrypt", "challenge": "http-01"},
    "secrets": ["eab_hmac_key"],
}
SIGNING_REQUEST = (
    load_der_x509_csr(
        request_for(
            generate_private_key(KeyType.EC_P256),
            (parse_server_name("todd.corp.example"),),
            *(timedelta(days=90), "ada"),
        ).signing_request
    )
    .public_bytes(Encoding.PEM)
    .decode()
)
REQUEST = {
    "id": "1f0c9a72e4d3",
    "authority": "team",
    "names": ["todd.corp.example", "192.0.2.7"],
    "days": 90,
    "profile": "client",
    "requested_by": "ada",
    "created_at": "2026-11-24T09:00:00Z",
    "signing_request": SIGNING_REQUEST,
}


def test_list_says_how_each_issues(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", "authorities", [INTERNAL, TEAM, COMMAND, ACME])
    output = certwright("authorities", "list", "--data", data).output
    assert "until 2029-11-24" in output
    assert "when somebody brings the answer" in output
    assert "by /usr/bin/sign Web Server" in output
    assert "by http-01 from letsencrypt" in output


def test_one_that_asked_to_be_left_alone_says_until_when(
    node: Node, data: Path, certwright: Certwright
) -> None:
    why = "public asked us to wait, and is asked nothing before 2026-11-26T14:00:00Z: too many."
    paused = ACME | {"paused_until": "2026-11-26T14:00:00Z", "pause": why}
    node.answer("GET", "authorities", [INTERNAL, paused])
    assert (
        "not before 2026-11-26T14:00:00Z"
        in certwright("authorities", "list", "--data", data).output
    )
    node.answer("GET", "authorities/public", paused)
    output = certwright("authorities", "show", "public", "--data", data).output
    assert why in " ".join(output.split())


def test_show_names_secrets_only(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", "authorities/public", ACME)
    output = certwright("authorities", "show", "public", "--data", data).output
    assert "letsencrypt" in output
    assert "eab hmac key" in output
    node.answer("GET", "authorities/adcs", COMMAND)
    assert "30" in certwright("authorities", "show", "adcs", "--data", data).output


def test_show_tells_a_root_by_its_subject_and_fingerprint(
    node: Node, data: Path, certwright: Certwright
) -> None:
    root = self_signed(["acme.corp.example"], datetime(2026, 11, 24, tzinfo=UTC)).leaf
    told = ACME | {"settings": {"directory": "https://acme.corp.example", "ca_pem": root.pem}}
    node.answer("GET", "authorities/public", told)
    output = certwright("authorities", "show", "public", "--data", data).output
    assert f"trusted root  {root.subject}, fingerprint {root.fingerprint}\n" in output
    assert "BEGIN" not in output


def test_create_by_hand(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("POST", "authorities", TEAM | {"found": ""}, 201)
    outcome = certwright("authorities", "create", "team", "--kind", "by-hand", "--data", data)
    assert outcome.exit_code == 0, outcome.errors
    assert node.received[0].document == {
        "name": "team",
        "kind": "by-hand",
        "settings": {},
        "secrets": {},
    }


def test_create_of_a_command_parts_it_into_words(
    node: Node, data: Path, certwright: Certwright
) -> None:
    node.answer("POST", "authorities", COMMAND | {"found": "The program is there."}, 201)
    outcome = certwright(
        *("authorities", "create", "adcs", "--kind", "command", "--data", data),
        *("--command", "/usr/bin/sign 'Web Server'", "--limit", "30", "--again-after", "3600"),
    )
    assert outcome.output == "adcs issues from now on when asked to. The program is there.\n"
    assert node.received[0].document["settings"] == {
        "command": ["/usr/bin/sign", "Web Server"],
        "limit": 30,
        "again_after": 3600,
    }


def test_create_of_acme_sends_secrets_apart_and_never_as_arguments(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    node.answer("POST", "authorities", ACME | {"found": "It is there."}, 201)
    files = {"eab": "c2VjcmV0", "tsig": "dHNpZw==", "root": "-----BEGIN CERTIFICATE-----\n"}
    for name, content in files.items():
        (tmp_path / name).write_text(f"{content}\n")
    outcome = certwright(
        *("authorities", "create", "public", "--kind", "acme", "--data", data),
        *("--directory", "https://ca.corp.example/acme", "--challenge", "dns-01"),
        *("--ca-file", tmp_path / "root", "--contact", "a@corp.example"),
        *("--contact", "b@corp.example", "--eab-kid", "kid-1", "--eab-key-file", tmp_path / "eab"),
        *("--profile", "shortlived", "--preferred-chain", "Corp Root"),
        *("--http-port", "8080", "--tls-port", "8443"),
        *("--dns-server", "[2001:db8::53]:5353", "--tsig-key", "acme.", "--dns-zone", "corp"),
        *("--tsig-algorithm", "hmac-sha512", "--tsig-secret-file", tmp_path / "tsig"),
        *("--dns-wait", "30", "--dns-check", "ns1.corp.example"),
    )
    assert outcome.exit_code == 0, outcome.errors
    assert node.received[0].document == {
        "name": "public",
        "kind": "acme",
        "settings": {
            "directory": "https://ca.corp.example/acme",
            "challenge": "dns-01",
            "contact": ["a@corp.example", "b@corp.example"],
            "profile": "shortlived",
            "preferred_chain": "Corp Root",
            "http_port": 8080,
            "tls_port": 8443,
            "ca_pem": "-----BEGIN CERTIFICATE-----\n\n",
            "eab_identifier": "kid-1",
            "dns": {
                "wait_seconds": 30,
                "servers": ["ns1.corp.example"],
                "rfc2136": {
                    "server": "[2001:db8::53]:5353",
                    "key_name": "acme.",
                    "algorithm": "hmac-sha512",
                    "zone": "corp",
                },
            },
        },
        "secrets": {"eab_hmac_key": "c2VjcmV0", "tsig_secret": "dHNpZw=="},
    }


@pytest.mark.parametrize(
    ("options", "dns"),
    [
        (
            ("--acme-dns", "https://d", "--acme-dns-username", "u", "--acme-dns-subdomain", "s"),
            {"acme-dns": {"url": "https://d", "username": "u", "subdomain": "s"}},
        ),
        (("--dns-hook", "/usr/bin/hook"), {"hook": {"program": "/usr/bin/hook"}}),
    ],
)
def test_other_ways_into_the_dns(
    node: Node, data: Path, certwright: Certwright, options: tuple[str, ...], dns: dict[str, Any]
) -> None:
    node.answer("POST", "authorities", ACME | {"found": ""}, 201)
    certwright(
        *("authorities", "create", "public", "--kind", "acme", "--data", data, *options),
        *("--directory", "letsencrypt", "--challenge", "dns-01"),
    )
    sent = node.received[0].document["settings"]["dns"]
    assert sent == {"wait_seconds": 120, "servers": []} | dns


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("by-hand", "--command", "/bin/sh"), "--command is not for authorities of the kind"),
        (("command", "--contact", "a@b"), "--contact is not for"),
        (("command",), "needs --command"),
        (("command", "--command", "/bin/sign 'x"), "quotation mark"),
        (("acme", "--directory", "letsencrypt"), "needs --challenge"),
        (("acme", "--challenge", "http-01"), "needs --directory"),
        (
            (
                *("acme", "--directory", "x", "--challenge", "dns-01"),
                *("--dns-hook", "/a", "--acme-dns", "https://d"),
            ),
            "Give one of",
        ),
        (
            ("acme", "--directory", "x", "--challenge", "http-01", "--dns-check", "ns.example"),
            "--dns-check needs one of",
        ),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(
    node: Node, data: Path, certwright: Certwright, options: tuple[str, ...], words: str
) -> None:
    outcome = certwright("authorities", "create", "x", "--data", data, "--kind", *options)
    assert outcome.exit_code == 2
    assert words in outcome.errors
    assert node.received == []


def test_files_that_cannot_be_used_are_named(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    (tmp_path / "big").write_bytes(b"x" * 300_000)
    acme = ("--kind", "acme", "--directory", "letsencrypt", "--challenge", "http-01")
    for option in ("--ca-file", "--eab-key-file"):
        for name in ("missing", "big"):
            outcome = certwright(
                *("authorities", "create", "x", *acme, option, tmp_path / name, "--data", data)
            )
            assert outcome.exit_code == 1
            assert name in outcome.errors
    assert node.received == []


def test_create_on_a_remote_node_takes_its_root_from_the_environment(
    node: Node, remote: Remote, certwright: Certwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.answer("POST", "authorities", TEAM | {"found": ""}, 201)
    monkeypatch.setenv("CERTWRIGHT_CA_FILE", str(remote.ca_file))
    outcome = certwright(
        *("authorities", "create", "team", "--kind", "by-hand", "--server", remote.url),
        *("--token-file", remote.token_file),
    )
    assert outcome.exit_code == 0, outcome.errors


def test_change_asks_for_the_kind_first(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", "authorities/adcs", COMMAND)
    node.answer("PUT", "authorities/adcs", COMMAND | {"found": ""})
    outcome = certwright("authorities", "change", "adcs", "--command", "/bin/b", "--data", data)
    assert outcome.output == "adcs has other settings now.\n"
    assert node.received[1].document == {"settings": {"command": ["/bin/b"]}, "secrets": {}}


def test_remove(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("DELETE", "authorities/team", None, 204)
    outcome = certwright("authorities", "remove", "team", "--data", data)
    assert outcome.output == "The authority team is removed.\n"


def test_requests_are_listed_shown_and_written(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    node.answer("GET", "authority-requests", [REQUEST])
    node.answer("GET", "authority-requests/1f0c9a72e4d3", REQUEST)
    asked = ("authorities", "requests")
    assert "todd.corp.example, 192.0.2.7" in certwright(*asked, "--data", data).output
    shown = certwright(*asked, "1f0c9a72e4d3", "--data", data).output
    assert shown.endswith(f"\n{SIGNING_REQUEST}")
    file = tmp_path / "todd.csr"
    written = certwright(*asked, "1f0c9a72e4d3", "--out", file, "--data", data)
    assert "certwright authorities answer team FILE" in written.output
    assert file.read_text() == REQUEST["signing_request"]
    again = certwright(*asked, "1f0c9a72e4d3", "--out", file, "--data", data)
    assert again.exit_code == 1
    assert "is there already" in again.errors
    printed = certwright(*asked, "1f0c9a72e4d3", "--out", "-", "--data", data)
    assert printed.output == REQUEST["signing_request"]
    assert certwright(*asked, "--out", file, "--data", data).exit_code == 2
    node.answer("GET", "authority-requests", [])
    assert "No request waits" in certwright(*asked, "--data", data).output


def test_answer_sends_the_file(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    node.answer("POST", "authorities/team/answers", {"requests": [REQUEST]})
    file = tmp_path / "todd.cer"
    file.write_bytes(b"signed\0")
    outcome = certwright("authorities", "answer", "team", file, "--data", data)
    assert outcome.output == "Answered: 1f0c9a72e4d3 for todd.corp.example, 192.0.2.7.\n"
    assert b"signed\0" in node.received[0].body
    missing = certwright("authorities", "answer", "team", tmp_path / "none", "--data", data)
    assert missing.exit_code == 1


def test_refuse_sends_the_reason(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("POST", "authority-requests/1f0c9a72e4d3/refusal", REQUEST)
    outcome = certwright(
        *("authorities", "refuse", "1f0c9a72e4d3", "--because", "not ours", "--data", data)
    )
    assert outcome.output == "The request 1f0c9a72e4d3 is refused.\n"
    assert node.received[0].document == {"because": "not ours"}
