"""Authorities taken on, changed, removed and answered for, with rights and on record."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
from sqlalchemy import Engine, update

from certwright.access.rights import Caller, Right
from certwright.authorities.authority import (
    CertificateRequest,
    IssuedCertificate,
    Memory,
    Pending,
    Progress,
    request_for,
)
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.node_views import endpoints
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.authorities import (
    answer_request,
    change_authority,
    create_authority,
    look_at_directory,
    refuse_request,
    remove_authority,
)
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.renewal.record import Wanted, begin_renewal
from certwright.lifecycle.server import Server
from certwright.services.endpoints import RenewalKey
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name

from ..composed_server import Clock, compose_server
from ..foreign_authority import ForeignAuthority
from ..tls_front import TlsFront

TEAM = AuthorityRecord("team", AuthorityKind.BY_HAND)
NAME = "todd.corp.example"
CREATOR = Caller("grace", Right.CREATE)


def told(server: Server) -> tuple[str, str, str, bool]:
    event = latest_events(server, 1)[0]
    return event.kind, event.subject, event.message, event.good


@pytest.fixture
def team(server: Server, admin: Caller) -> Server:
    create_authority(server, TEAM, caller=admin)
    return server


Ask = Callable[[], tuple[CertificateRequest, Memory]]


@pytest.fixture
def ask(team: Server) -> Ask:
    """Asks the team for a certificate, and tells what was remembered."""

    def ask() -> tuple[CertificateRequest, Memory]:
        key = generate_private_key(KeyType.EC_P256)
        request = request_for(key, (parse_server_name(NAME),), timedelta(days=90), "ada")
        remembered: list[Memory] = []
        progress = Progress(remember=remembered.append)
        assert isinstance(
            team.authorities.get("team").issue(request, progress, team.now()), Pending
        )
        return request, remembered[-1]

    return ask


def test_one_is_created_changed_and_removed_on_record(server: Server, admin: Caller) -> None:
    assert create_authority(server, TEAM, caller=admin).record == TEAM
    assert told(server) == (
        *("authority-created", "team", "Authority team created, of the kind by-hand."),
        True,
    )
    change_authority(server, "team", {}, {}, caller=admin)
    assert told(server)[0] == "authority-changed"
    remove_authority(server, "team", caller=admin)
    assert told(server) == ("authority-removed", "team", "Authority team removed", True)
    assert [one.name for one in server.authorities.list()] == ["internal"]


def test_each_needs_its_right(team: Server, ask: Ask, company: ForeignAuthority) -> None:
    _, memory = ask()
    content = company.issue([NAME]).leaf.pem.encode()
    modifier = Caller("eve", Right.MODIFY)
    for act in (
        partial(create_authority, team, replace(TEAM, name="other"), caller=CREATOR),
        partial(change_authority, team, "team", {}, {}, caller=CREATOR),
        partial(remove_authority, team, "team", caller=CREATOR),
        partial(answer_request, team, "team", content, None, caller=modifier),
        partial(refuse_request, team, memory["request"], "no", caller=modifier),
    ):
        with pytest.raises(CertwrightError) as refused:
            act()
        assert refused.value.code is ErrorCode.NOT_PERMITTED
    assert told(team)[0] == "authority-created"


def test_our_own_is_neither_made_again_nor_removed(server: Server, admin: Caller) -> None:
    own = AuthorityRecord("second", AuthorityKind.INTERNAL)
    for act in (
        partial(create_authority, server, own, caller=admin),
        partial(change_authority, server, "internal", {}, {}, caller=admin),
        partial(remove_authority, server, "internal", caller=admin),
    ):
        with pytest.raises(CertwrightError, match="once and for all"):
            act()


@pytest.mark.parametrize("pem", ["no pem", "the école's", "\0"])
def test_a_directory_is_not_asked_with_a_root_that_is_none(admin: Caller, pem: str) -> None:
    with pytest.raises(CertwrightError, match="no certificate in PEM") as refused:
        look_at_directory("https://127.0.0.1:1/", pem, caller=admin)
    assert refused.value.code is ErrorCode.INVALID_INPUT


def test_a_command_that_the_node_does_not_allow_is_not_taken_on(
    database: Engine,
    front: TlsFront,
    clock: Clock,
    root_keys: RootKeyFolder,
    admin: Caller,
    tmp_path: Path,
) -> None:
    program = tmp_path / "sign"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    allowed = (str(program), "WebServer")
    server = compose_server(
        database, front, front.ports, clock, root_keys, allowed_commands=frozenset({allowed})
    )
    shell = AuthorityRecord("shell", AuthorityKind.COMMAND, {"command": ["/bin/sh", "-c", "id"]})
    with pytest.raises(CertwrightError) as refused:
        create_authority(server, shell, caller=admin)
    assert refused.value.code is ErrorCode.NOT_PERMITTED
    right = replace(shell, name="adcs", settings={"command": list(allowed)})
    assert create_authority(server, right, caller=admin).found == f"The program {program} is there."
    assert told(server)[2].endswith(f"of the kind command. The program {program} is there.")
    with pytest.raises(CertwrightError) as changed:
        change_authority(server, "adcs", shell.settings, {}, caller=admin)
    assert changed.value.code is ErrorCode.NOT_PERMITTED
    assert [one.name for one in server.authorities.list()] == ["internal", "adcs"]


def as_pem(leaf: Certificate, company: ForeignAuthority) -> bytes:
    return (company.root.pem + company.intermediate.pem + leaf.pem).encode()


def as_der(leaf: Certificate, company: ForeignAuthority) -> bytes:
    return leaf.der


def as_pkcs7(leaf: Certificate, company: ForeignAuthority) -> bytes:
    chain = [one.cryptography for one in (company.root, company.intermediate, leaf)]
    return serialize_certificates(chain, Encoding.DER)


@pytest.mark.parametrize("form", [as_pem, as_der, as_pkcs7])
def test_answer_is_taken_in_whatever_form_it_comes(
    team: Server,
    ask: Ask,
    company: ForeignAuthority,
    form: Callable[[Certificate, ForeignAuthority], bytes],
) -> None:
    request, memory = ask()
    leaf = company.sign(request.public_key, [NAME])
    (answered,) = answer_request(team, "team", form(leaf, company), None, caller=CREATOR)
    assert answered.id == memory["request"]
    assert told(team) == (
        *("request-answered", "team"),
        *(f"Answer of team handed in to the request {memory['request']} for {NAME}", True),
    )
    issued = team.authorities.get("team").issue(request, Progress(memory), team.now())
    assert isinstance(issued, IssuedCertificate)
    assert issued.leaf == leaf
    with pytest.raises(CertwrightError, match="is answered already") as again:
        answer_request(team, "team", form(leaf, company), None, caller=CREATOR)
    assert again.value.code is ErrorCode.CHANGED_MEANWHILE


def test_the_signing_request_itself_is_no_answer(team: Server, ask: Ask) -> None:
    request, _ = ask()
    with pytest.raises(CertwrightError, match="signing request") as refused:
        answer_request(team, "team", request.signing_request, None, caller=CREATOR)
    assert refused.value.code is ErrorCode.UNREADABLE_CERTIFICATE


@pytest.mark.parametrize("content", [b"", b"rubbish", b"x" * 2_000_000])
def test_garbage_is_no_answer(team: Server, ask: Ask, content: bytes) -> None:
    ask()
    with pytest.raises(CertwrightError) as refused:
        answer_request(team, "team", content, None, caller=CREATOR)
    assert refused.value.code in {ErrorCode.UNREADABLE_CERTIFICATE, ErrorCode.TOO_LARGE}


def test_an_answer_to_nobody_is_told_of(team: Server, company: ForeignAuthority) -> None:
    content = company.issue([NAME]).leaf.pem.encode()
    for name in ("team", "nobody", "a\0"):
        with pytest.raises(CertwrightError) as refused:
            answer_request(team, name, content, None, caller=CREATOR)
        assert refused.value.code is ErrorCode.NOT_FOUND


def test_refusal_is_on_record_and_final(team: Server, ask: Ask, company: ForeignAuthority) -> None:
    request, memory = ask()
    with pytest.raises(CertwrightError, match="without a reason"):
        refuse_request(team, memory["request"], " \n", caller=CREATOR)
    refuse_request(team, memory["request"], " not ours\x1b ", caller=CREATOR)
    assert told(team)[2:] == (
        f"Request {memory['request']} for {NAME} refused: not ours\N{REPLACEMENT CHARACTER}",
        False,
    )
    with pytest.raises(CertwrightError, match="answered already"):
        refuse_request(team, memory["request"], "again", caller=CREATOR)
    content = company.sign(request.public_key, [NAME]).pem.encode()
    with pytest.raises(CertwrightError, match=f"for {NAME} was refused: not ours"):
        answer_request(team, "team", content, None, caller=CREATOR)
    with pytest.raises(CertwrightError) as unknown:
        refuse_request(team, "0\0", "no", caller=CREATOR)
    assert unknown.value.code is ErrorCode.NOT_FOUND


def test_one_that_is_waited_for_is_not_removed(team: Server, ask: Ask, admin: Caller) -> None:
    _, memory = ask()
    with pytest.raises(CertwrightError) as refused:
        remove_authority(team, "team", caller=admin)
    assert refused.value.code is ErrorCode.CERTIFICATE_IN_USE
    refuse_request(team, memory["request"], "not ours", caller=CREATOR)
    remove_authority(team, "team", caller=admin)


def test_one_that_an_endpoint_names_or_a_renewal_works_with_is_not_removed(
    team: Server, admin: Caller
) -> None:
    with team.database.begin() as connection:
        connection.execute(update(endpoints).values(authority="team"))
    with pytest.raises(CertwrightError, match="an endpoint gets its certificates from it"):
        remove_authority(team, "team", caller=admin)
    wanted = Wanted(
        certificate=None,
        names=(parse_server_name(NAME),),
        authority="team",
        key=RenewalKey.NEW,
        key_type=KeyType.EC_P256,
        lifetime=timedelta(days=90),
        actor="ada",
        reason="asked for",
    )
    with team.database.begin() as connection:
        connection.execute(update(endpoints).values(authority=None))
        number = begin_renewal(connection, wanted, team.now())
    with pytest.raises(CertwrightError, match=f"renewal {number} is at work") as refused:
        remove_authority(team, "team", caller=admin)
    assert refused.value.code is ErrorCode.CERTIFICATE_IN_USE
