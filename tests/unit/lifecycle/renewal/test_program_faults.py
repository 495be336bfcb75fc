"""Each fault of an authority that is a program: told in words that help, the former served on."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.authorities.root_keys import RootKeyFolder
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.record import Renewal, RenewalState
from certwright.lifecycle.server import Server
from certwright.services.endpoints import OwnEndpoint, RenewalSettings, save_renewal_settings
from certwright.x509.certificate import Certificate
from certwright.x509.keys import private_key_to_pem

from ....contract import signing_program
from ...composed_server import Clock, compose_server
from ...foreign_authority import ForeignAuthority
from ...tls_front import TlsFront
from ..conftest import served_at
from .conftest import SURROUNDINGS, begin

NAME = "todd.corp.example"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The authority, to be written by a test."""
    return tmp_path / "sign"


@pytest.fixture
def server(
    database: Engine, front: TlsFront, clock: Clock, root_keys: RootKeyFolder, program: Path
) -> Server:
    """A node that may run the program, and has it as an authority."""
    allowed = frozenset({(str(program),)})
    made = compose_server(
        *(database, front, front.ports, clock, root_keys), allowed_commands=allowed
    )
    with database.begin() as connection:
        for name, limit in (("corp-ca", 30), ("hasty", 1)):
            settings = {"command": [str(program)], "limit": limit}
            record = AuthorityRecord(name, AuthorityKind.COMMAND, settings)
            made.authorities.records.add(connection, record, clock())
    return made


def write(program: Path, *lines: str) -> None:
    program.write_text("\n".join(["#!/bin/sh", "cat > /dev/null", *lines, ""]))
    program.chmod(0o755)


def fail(serving: Server, authority: str = "corp-ca") -> Renewal:
    """A renewal by that authority, which is put off; the former certificate is served on."""
    former = [served_at(serving, endpoint) for endpoint in OwnEndpoint]
    with serving.database.begin() as connection:
        for endpoint in OwnEndpoint:
            save_renewal_settings(connection, endpoint, RenewalSettings(authority=authority))
    failed = advance(serving, begin(serving), SURROUNDINGS)
    assert failed.state is RenewalState.WAITING
    assert failed.issued is None
    assert failed.again_at is not None
    assert failed.again_at > serving.now()
    assert failed.sentence.startswith(f"No certificate from {authority}. ")
    assert failed.steps[-1].sentence == failed.sentence
    assert [served_at(serving, endpoint) for endpoint in OwnEndpoint] == former
    return failed


def test_the_program_is_not_there(serving: Server, program: Path) -> None:
    assert str(program) in fail(serving).sentence


def test_the_program_refuses(serving: Server, program: Path) -> None:
    write(program, "echo 'The template WebServer is not known.' >&2", "exit 3")
    assert fail(serving).sentence == (
        "No certificate from corp-ca. sign ended with the code 3: The template WebServer is not "
        "known. Mend what it says; sign run by hand says the same."
    )


def test_the_program_is_slow(serving: Server, program: Path) -> None:
    write(program, "exec sleep 30")
    assert fail(serving, "hasty").sentence == (
        f"No certificate from hasty. {program} did not end within 1 seconds, and was stopped. "
        "Look what it waits for, then try again."
    )


def test_the_program_prints_garbage(serving: Server, program: Path) -> None:
    write(program, "echo Welcome")
    sentence = fail(serving).sentence
    assert "What sign printed is no certificate: " in sentence
    assert "Let it print the certificate in PEM" in sentence


def signing(program: Path, company: ForeignAuthority, chain: Certificate, names: str) -> None:
    """Let the program sign what it is asked for, but with these names and that chain."""
    folder = program.parent / "authority"
    folder.mkdir()
    (folder / "key.pem").write_text(private_key_to_pem(company.key))
    (folder / "chain.pem").write_text(chain.pem)
    script = f"CERTWRIGHT_NAMES='{names}' exec {sys.executable} {signing_program.__file__} {folder}"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_the_program_issues_the_wrong_name(
    serving: Server, program: Path, company: ForeignAuthority
) -> None:
    signing(program, company, company.intermediate, "other.example")
    assert fail(serving).sentence == (
        "No certificate from corp-ca. sign printed something else than was asked for. The "
        f"certificate is for other.example, and not for {NAME}, localhost. Let it be issued "
        "with every name of the request as Subject Alternative Name."
    )


def test_the_program_prints_a_chain_that_does_not_verify(
    serving: Server, program: Path, company: ForeignAuthority
) -> None:
    namesake = ForeignAuthority(serving.now(), "Company")
    signing(program, company, namesake.intermediate, f"{NAME} localhost")
    sentence = fail(serving).sentence
    assert f"None of the certificates that came with that of {NAME} issued it" in sentence
    assert "Bring it with the chain of the authority that signed it" in sentence


def test_the_program_prints_a_certificate_for_another_key(
    serving: Server, program: Path, company: ForeignAuthority
) -> None:
    other = program.with_suffix(".pem")
    other.write_text(company.issue([NAME, "localhost"]).leaf.pem)
    write(program, f"cat {other}")
    sentence = fail(serving).sentence
    assert f"The certificate of {NAME} is for another private key than was asked" in sentence
    assert "Let the request be signed as it went out" in sentence
