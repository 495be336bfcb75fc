"""`certwright check`, as its users call it: which codes for which file, and how it ends."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from certwright.cli import input_files
from certwright.x509.text import day
from certwright.x509.weak_keys import debian_list_entry

from .check_case import AT, ISSUING, LEAF, ROOT, Case
from .check_cases import CASES
from .check_files import NAME, START, make, pem, pfx, rsa_key
from .conftest import Certwright

MEMBERS = {"code", "severity", "message", "remedy", "reference"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    (tmp_path / "server.pem").write_bytes(pem(LEAF, ISSUING))
    (tmp_path / "password").write_text("a password\n")
    return tmp_path


def test_there_are_enough_cases_and_none_twice() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 120


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_codes(certwright: Certwright, folder: Path, case: Case) -> None:
    source = folder / "source"
    source.write_bytes(case.content)
    options: list[Any] = ["--environment", case.environment, "--at", case.at, "--json"]
    for name in case.names:
        options += ["--for", name]
    for option in case.options:
        options += ["--password-file", folder / "password"] if option == "--password" else [option]
    if case.trust is not None:
        (folder / "trust.pem").write_bytes(pem(*case.trust))
        options += ["--trust", folder / "trust.pem"]
    outcome = certwright("check", source, *options)
    assert outcome.errors == ""
    answer = outcome.document
    found = sorted(f"{one['code']} {one['severity']}" for one in answer["findings"])
    assert found == sorted(filter(None, case.expected.split(", ")))
    fails = "error" in case.expected
    assert (answer["verdict"], outcome.exit_code) == (("fail", 1) if fails else ("pass", 0))
    assert (answer["source"], answer["environment"]) == (str(source), case.environment)
    assert all(set(one) == MEMBERS and all(one.values()) for one in answer["findings"])


def test_keys_on_debians_lists(certwright: Certwright, folder: Path) -> None:
    key = rsa_key()
    leaf = make(ISSUING, key=key)
    entry = debian_list_entry(key.public_key().public_numbers().n)
    (folder / "blacklist.RSA-2048").write_text(f"# Hashes of weak keys\n{'0' * 20}\n{entry}\n")
    source = folder / "source"
    source.write_bytes(pem(leaf, ISSUING))
    options = ("--for", NAME, "--trust", folder / "root.pem", "--at", AT, "--json")
    with_lists = certwright("check", source, *options, "--weak-key-lists", folder)
    (finding,) = with_lists.document["findings"]
    assert finding["code"] == "key-guessable"
    assert "CVE-2008-0166" in finding["message"]
    assert with_lists.exit_code == 1
    assert certwright("check", source, *options).document["findings"] == []


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--for", ""),
        ("--for", "*.corp.example"),
        ("--for", "a b"),
        ("--for", NAME, "--environment", "staging"),
        ("--for", NAME, "--at", "2026-11-24"),
        ("--for", NAME, "--at", "2026-11-24T12:00:00"),
        ("--for", NAME, "--at", "2026-13-24T12:00:00Z"),
        ("--for", NAME, "--only", "nonsense"),
        ("--for", NAME, "--ignore", "time,nonsense"),
        ("--for", NAME, "--only", "cabf-nonsense"),
        ("--for", NAME, "--ignore", "cabf-advised-against,pkix-nonsense"),
        ("--for", NAME, "--starttls", "smtp"),
        ("--for", NAME, "--starttls", "gopher"),
        ("--for", NAME, "--nonsense"),
    ],
    ids=" ".join,
)
def test_wrong_usage(certwright: Certwright, folder: Path, options: tuple[str, ...]) -> None:
    outcome = certwright("check", folder / "server.pem", *options)
    assert (outcome.exit_code, outcome.output) == (2, "")
    assert "Traceback" not in outcome.errors


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("/dev/zero", "The file is larger than 1024 KiB, which no certificate is."),
        ("/dev/null", "The file is no certificate: it is an empty file."),
        ("/", "/ is a folder, not a file."),
        ("missing.pem", 'There is no file "missing.pem", and it names no server either.'),
        ("", 'There is no file "", and it names no server either.'),
        ("host:99999", 'There is no file "host:99999", and it names no server either.'),
        ("a\0b", 'There is no file "a�b", and it names no server either.'),
        ("127.0.0.1:1", "Nothing listens on 127.0.0.1:1."),
        ("[::1]:1", "Nothing listens on [::1]:1."),
        ("nowhere.invalid:443", "No address is known for nowhere.invalid."),
    ],
)
def test_source_that_is_none(certwright: Certwright, source: str, sentence: str) -> None:
    outcome = certwright("check", source, "--for", NAME)
    assert (outcome.exit_code, outcome.output) == (1, "")
    assert outcome.errors.startswith(f"certwright: {sentence}")


@pytest.mark.parametrize("content", [b"\x30\x82", os.urandom(4096), b"\xff" * 2_000_000])
def test_source_that_is_no_certificate(
    certwright: Certwright, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "file").write_bytes(content)
    outcome = certwright("check", tmp_path / "file", "--for", NAME, "--json")
    assert (outcome.exit_code, outcome.output) == (1, "")
    assert '"remedy"' in outcome.errors


def test_passwords(certwright: Certwright, folder: Path) -> None:
    source = folder / "server.pfx"
    source.write_bytes(pfx(LEAF, ISSUING, password=b"another"))
    outcome = certwright("check", source, "--for", NAME)
    assert (outcome.exit_code, outcome.output) == (1, "")
    assert "needs a password, and none was given" in outcome.errors
    assert "--password-file FILE" in outcome.errors
    outcome = certwright("check", source, "--for", NAME, "--password-file", folder / "password")
    assert (outcome.exit_code, outcome.output) == (1, "")
    assert "The password does not open the PFX file." in outcome.errors


def test_root_that_is_trusted_is_told_so_whatever_is_wrong_below(
    certwright: Certwright, folder: Path
) -> None:
    before = make(ISSUING, start=START - timedelta(365), days=90)  # ends before its issuer begins
    (folder / "old.pem").write_bytes(pem(before, ISSUING))
    outcome = certwright(
        *("check", folder / "old.pem", "--for", NAME, "--at", AT, "--json"),
        *("--trust", folder / "root.pem"),
    )
    states = [link["state"] for link in outcome.document["chain"]]
    assert states == [
        f"expired on {day(before.certificate.not_valid_after_utc)}",
        "good",
        "trusted",
    ]


def test_pipe_that_nobody_writes_into(
    certwright: Certwright, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_files, "_PIPE_SECONDS", 0.05)
    os.mkfifo(folder / "pipe")
    for options in ((folder / "pipe",), (folder / "server.pem", "--trust", folder / "pipe")):
        outcome = certwright("check", *options, "--for", NAME)
        assert (outcome.exit_code, outcome.output) == (1, "")
        assert "nothing came out of it" in outcome.errors


@pytest.mark.parametrize("content", [b"", b"nonsense", LEAF.pem])
def test_trust_without_a_root(certwright: Certwright, folder: Path, content: bytes) -> None:
    (folder / "none.pem").write_bytes(content)
    outcome = certwright(
        "check", folder / "server.pem", "--for", NAME, "--trust", folder / "none.pem"
    )
    assert (outcome.exit_code, outcome.output) == (1, "")
    assert "holds no root" in outcome.errors


def test_public_certificate_is_linted_too(certwright: Certwright, folder: Path) -> None:
    trust = ("--trust", folder / "root.pem", "--at", AT, "--json")
    asked = ("check", folder / "server.pem", "--for", NAME, *trust)
    assert certwright(*asked).document["findings"] == []
    findings = certwright(*asked, "--public").document["findings"]
    assert findings
    assert all(one["severity"] != "error" and "pkilint" in one["reference"] for one in findings)
    code = findings[0]["code"]
    chosen = certwright(*asked, "--public", "--only", code).document["findings"]
    assert [one["code"] for one in chosen] == [code]
    left = certwright(*asked, "--public", "--ignore", code).document["findings"]
    assert [one["code"] for one in left] == [one["code"] for one in findings[1:]]
