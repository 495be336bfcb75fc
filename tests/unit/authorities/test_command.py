"""Programs as authorities: those that sign, that take their time, and that go wrong."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from certwright.authorities.authority import (
    Authority,
    CertificateRequest,
    IssuanceFailed,
    IssuedCertificate,
    LooksFirst,
    Memory,
    Pending,
    Progress,
    request_for,
)
from certwright.authorities.command import CommandAuthority, CommandSettings
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.first_start import keep_issued
from certwright.lifecycle.server import Server
from certwright.stores.database import find_certificate
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority

NAMES = ("todd.corp.example", "2001:db8::7")
Program = Callable[[str], CommandAuthority]


@pytest.fixture
def program(server: Server, tmp_path: Path) -> Program:
    """The authority that is the shell script given."""

    def program(script: str) -> CommandAuthority:
        file = tmp_path / "sign"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        command = (str(file), "--template", "Web Server")
        settings = CommandSettings(command, limit=timedelta(seconds=20))
        allowed = frozenset({command})
        return CommandAuthority(
            "corp-ca", settings, allowed, server.database, os.urandom, keep_issued
        )

    return program


def wanted(lifetime: timedelta = timedelta(days=90)) -> CertificateRequest:
    names = tuple(map(parse_server_name, NAMES))
    return request_for(generate_private_key(KeyType.EC_P256), names, lifetime, "ada")


def printing(folder: Path, content: str | bytes) -> str:
    """A script that prints `content`."""
    file = folder / "printed"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return f"cat > /dev/null; cat {file}"


def failure(
    authority: Authority, request: CertificateRequest, clock: Clock, memory: Memory | None = None
) -> IssuanceFailed:
    with pytest.raises(IssuanceFailed) as failed:
        authority.issue(request, Progress(memory or {}), clock())
    assert failed.value.message.isprintable()
    assert failed.value.remedy
    return failed.value


def test_it_finds_request_names_days_and_number(
    program: Program, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CERTWRIGHT_KEY_PASSPHRASE", "not for programs")
    monkeypatch.setenv("KRB5CCNAME", "FILE:/tmp/tickets")
    seen = tmp_path / "seen"
    authority = program(f'(cat; env; echo "$@") > {seen}')
    remembered: list[Memory] = []
    request = wanted(timedelta(hours=30))
    outcome = authority.issue(request, Progress(remember=remembered.append), clock())
    assert isinstance(outcome, Pending)
    text = seen.read_text()
    assert text.startswith("-----BEGIN CERTIFICATE REQUEST-----")
    assert "CERTWRIGHT_NAMES=todd.corp.example 2001:db8::7\n" in text
    assert "CERTWRIGHT_DAYS=2\n" in text
    assert f"CERTWRIGHT_REQUEST={remembered[-1]['request']}\n" in text
    assert "KRB5CCNAME=FILE:/tmp/tickets\n" in text
    assert text.endswith("--template Web Server\n")
    assert "not for programs" not in text


@pytest.mark.parametrize("number", ["../../../etc/cron.d/x", "1; reboot", "a\0b", "f00d", 7, None])
def test_a_number_that_the_database_made_up_reaches_no_program(
    program: Program, clock: Clock, number: object
) -> None:
    authority = program('echo "$CERTWRIGHT_REQUEST" >&2; exit 75')
    remembered: list[Memory] = []
    outcome = authority.issue(wanted(), Progress({"request": number}, remembered.append), clock())
    assert isinstance(outcome, Pending)
    assert remembered[-1]["request"] != number
    assert outcome.sentence.endswith(f"sign: {remembered[-1]['request']}")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'submitted as 42' >&2; exit 75", "submitted as 42"),
        ("printf 'a\\033[31m\\nb' >&2", "a [31m b"),
        ("exit 75", "it says no more"),
        ("echo; echo 'waits for Ada' >&2", "waits for Ada"),
    ],
)
def test_without_a_certificate_yet_it_is_asked_again_in_ten_minutes(
    program: Program, clock: Clock, script: str, words: str
) -> None:
    outcome = program(script).issue(wanted(), Progress(), clock())
    assert outcome == Pending(
        f"corp-ca has no certificate yet. sign: {words}", clock() + timedelta(minutes=10)
    )


def test_it_is_asked_again_with_the_same_number_until_it_signs(
    program: Program, tmp_path: Path, company: ForeignAuthority, clock: Clock
) -> None:
    request = wanted()
    chain = company.sign(request.public_key, NAMES).pem + company.intermediate.pem
    answer, asked = tmp_path / "answer.pem", tmp_path / "asked"
    authority = program(
        f'cat > /dev/null; echo "$CERTWRIGHT_REQUEST" >> {asked}\n'
        f"[ -e {answer} ] || exit 75\ncat {answer}"
    )
    kept: list[Memory] = [{}]
    for _ in range(2):
        outcome = authority.issue(request, Progress(kept[-1], kept.append), clock())
        assert isinstance(outcome, Pending)
    answer.write_text(chain)
    first = authority.issue(request, Progress(kept[-1], kept.append), clock())
    assert isinstance(first, IssuedCertificate)
    assert first.intermediates == (company.intermediate,)
    answer.unlink()
    assert authority.issue(request, Progress(kept[-1], kept.append), clock()) == first
    numbers = asked.read_text().split()
    assert len(numbers) == 3
    assert len(set(numbers)) == 1


def test_one_that_refuses_is_quoted(program: Program, clock: Clock) -> None:
    failed = failure(program("echo 'no such template' >&2; exit 3"), wanted(), clock)
    assert failed.message == "sign ended with the code 3: no such template"
    assert not failed.starts_over


def test_one_that_hangs_is_stopped(program: Program, clock: Clock) -> None:
    authority = program("sleep 60")
    limited = replace(authority.settings, limit=timedelta(seconds=1))
    hasty = replace(authority, settings=limited)
    assert "did not end within 1 seconds" in failure(hasty, wanted(), clock).message


def test_one_that_is_killed_or_gone_is_told_of(program: Program, clock: Clock) -> None:
    assert "with the code -9" in failure(program("kill -9 $$"), wanted(), clock).message
    authority = program("exit 0")
    Path(authority.settings.command[0]).unlink()
    assert "is not there" in failure(authority, wanted(), clock).message


@pytest.mark.parametrize(
    "content", [b"rubbish", b"\xff\xfe\x00", b"-----BEGIN CERTIFICATE-----\nMIIB", b"x" * 300000]
)
def test_garbage_is_refused(program: Program, tmp_path: Path, clock: Clock, content: bytes) -> None:
    failed = failure(program(printing(tmp_path, content)), wanted(), clock)
    assert failed.message.startswith("What sign printed is no certificate: ")
    assert "everything else to standard error" in failed.remedy


def test_the_signing_request_itself_is_no_answer(program: Program, clock: Clock) -> None:
    assert "is no certificate" in failure(program("cat"), wanted(), clock).message


def test_a_certificate_for_another_key_is_refused(
    program: Program, tmp_path: Path, company: ForeignAuthority, clock: Clock
) -> None:
    authority = program(printing(tmp_path, company.issue(NAMES).leaf.pem))
    failed = failure(authority, wanted(), clock)
    assert failed.starts_over
    assert "for another private key than was asked for" in failed.message


def test_a_certificate_for_another_name_is_refused(
    program: Program, tmp_path: Path, company: ForeignAuthority, clock: Clock
) -> None:
    request = wanted()
    leaf = company.sign(request.public_key, ["other.corp.example"])
    failed = failure(program(printing(tmp_path, leaf.pem)), request, clock)
    assert "for other.corp.example, and not for todd.corp.example" in failed.message


def test_a_chain_that_does_not_verify_is_refused_and_nothing_is_kept(
    program: Program, server: Server, tmp_path: Path, company: ForeignAuthority, clock: Clock
) -> None:
    request = wanted()
    stranger = ForeignAuthority(clock(), "Stranger")
    leaf = company.sign(request.public_key, NAMES)
    authority = program(printing(tmp_path, leaf.pem + stranger.intermediate.pem))
    remembered: list[Memory] = []
    with pytest.raises(IssuanceFailed, match="issued it: that was Company Issuing"):
        authority.issue(request, Progress(remember=remembered.append), clock())
    assert "answer" not in remembered[-1]
    with server.database.connect() as connection, pytest.raises(CertwrightError) as missing:
        find_certificate(connection, leaf.fingerprint)
    assert missing.value.code is ErrorCode.NOT_FOUND


def test_only_what_the_owner_of_the_node_allows_is_run(
    program: Program, tmp_path: Path, clock: Clock
) -> None:
    trace = tmp_path / "trace"
    authority = program(f"touch {trace}")
    program_file = authority.settings.command[0]
    for command in (
        (program_file,),
        (program_file, "--template", "Other"),
        (program_file, "--template", "Web", "Server"),
        (sys.executable, "-c", "print(1)"),
    ):
        other = replace(authority, settings=CommandSettings(command))
        acts: tuple[Callable[[], object], ...] = (
            partial(other.issue, wanted(), Progress(), clock()),
            partial(other.look, clock()),
        )
        for act in acts:
            with pytest.raises(CertwrightError) as refused:
                act()
            assert refused.value.code is ErrorCode.NOT_PERMITTED
            assert "allow-command" in refused.value.remedy
    assert not trace.exists()


def test_it_is_looked_at_before_it_is_taken_on(program: Program, clock: Clock) -> None:
    authority = program("exit 0")
    assert isinstance(authority, LooksFirst)
    assert authority.look(clock()).endswith("is there.")
    Path(authority.settings.command[0]).chmod(0o644)
    with pytest.raises(CertwrightError) as refused:
        authority.look(clock())
    assert refused.value.code is ErrorCode.NOT_FOUND


def test_settings_are_read_and_bounded() -> None:
    values = {"command": ["/bin/sign", "a"], "limit": 5, "again_after": 3600}
    assert CommandSettings.from_json(values) == CommandSettings(
        ("/bin/sign", "a"), timedelta(seconds=5), timedelta(hours=1)
    )
    assert CommandSettings.from_json({"command": ["/s"]}).again_after == timedelta(minutes=10)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"command": "/bin/sign"},
        {"command": []},
        {"command": ["sign"]},
        {"command": ["/bin/sign", 1]},
        {"command": ["/bin/sign\0"]},
        {"command": ["/bin/sign"] * 51},
        {"command": ["/bin/sign"], "limit": 0},
        {"command": ["/bin/sign"], "limit": True},
        {"command": ["/bin/sign"], "again_after": 10**9},
        {"command": ["/bin/sign"], "again_after": "10"},
        {"command": ["/bin/sign"], "shell\x1b": 1},
    ],
)
def test_settings_that_are_none_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(CertwrightError) as refused:
        CommandSettings.from_json(values)
    assert refused.value.code is ErrorCode.INVALID_INPUT
    assert refused.value.message.isprintable()
