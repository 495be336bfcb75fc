"""Records by a program: what it gets, and what becomes of its failures."""

from pathlib import Path

import pytest

from certwright.authorities.acme.dns.hook import HookRecords
from certwright.authorities.authority import IssuanceFailed

NAME, VALUE = "_acme-challenge.todd.corp.example", "gfj9Xq-Rg85nM"


def hook(folder: Path, script: str, seconds: float = 10) -> HookRecords:
    program = folder / "record it"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return HookRecords(str(program), seconds)


def test_the_program_gets_the_record_as_arguments_and_in_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CERTWRIGHT_PASSPHRASE", "not for others")
    out = tmp_path / "out"
    records = hook(tmp_path, f"echo \"$@\" >> '{out}'; env >> '{out}'")
    records.add(NAME, VALUE)
    records.remove(NAME, VALUE)
    said = out.read_text()
    assert f"add {NAME} {VALUE}\n" in said
    assert f"remove {NAME} {VALUE}\n" in said
    assert "CERTWRIGHT_DNS_ACTION=add\n" in said
    assert f"CERTWRIGHT_DNS_NAME={NAME}\n" in said
    assert f"CERTWRIGHT_DNS_VALUE={VALUE}\n" in said
    assert "not for others" not in said


def test_no_shell_reads_the_record(tmp_path: Path) -> None:
    records = hook(tmp_path, "exit 0")
    records.add(NAME, f"$(touch {tmp_path / 'made'}); touch {tmp_path / 'made'}")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["a;id.example", "a b", "a\nb", "a\0b", "$(id)", "", "`id`"])
def test_what_is_no_name_of_the_dns_reaches_no_program(tmp_path: Path, name: str) -> None:
    records = hook(tmp_path, f"touch '{tmp_path / 'run'}'")
    for act in (records.add, records.remove):
        with pytest.raises(IssuanceFailed, match="no name for a DNS record"):
            act(name, VALUE)
    assert not (tmp_path / "run").exists()


def test_a_failure_is_told_in_the_programs_own_words(tmp_path: Path) -> None:
    records = hook(tmp_path, "echo 'zone is frozen' >&2; exit 3")
    with pytest.raises(IssuanceFailed, match=r'add the record .*exit code 3, it says "zone is'):
        records.add(NAME, VALUE)


def test_a_program_that_does_not_end_is_ended(tmp_path: Path) -> None:
    with pytest.raises(IssuanceFailed, match="did not end"):
        hook(tmp_path, "sleep 60", seconds=0.3).add(NAME, VALUE)


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(IssuanceFailed, match="not there"):
        HookRecords(str(tmp_path / "missing")).add(NAME, VALUE)
