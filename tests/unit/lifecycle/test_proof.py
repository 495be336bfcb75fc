"""What a handshake showed, judged: pure tables, no network."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from certwright.lifecycle.proof import (
    Proof,
    failed_proof,
    judge_as_client,
    judge_handshake,
    plain_proof,
)
from certwright.machine.handshake import Handshake
from certwright.rules.candidate import Requirement
from certwright.rules.environment import Environment
from certwright.x509.names import parse_server_name

from ..foreign_authority import ForeignAuthority, Issued, self_signed

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NAME = "todd.corp.example"
COMPANY = ForeignAuthority(NOW, "Company")
STRANGER = ForeignAuthority(NOW, "Stranger")
RIGHT = COMPANY.issue([NAME])


def handshake(issued: Issued, *, chain: int = 2, version: str = "TLSv1.3") -> Handshake:
    """Served: the leaf and those above it, `chain` certificates in all."""
    certificates = (issued.leaf, *issued.chain)[:chain]
    return Handshake(
        address="127.0.0.1",
        port=8165,
        server_name=NAME,
        tls_version=version,
        cipher="TLS_AES_256_GCM_SHA384",
        alpn=None,
        group="X25519MLKEM768",
        chain=tuple(certificate.der for certificate in certificates),
        seconds=0.0123,
    )


DEMAND = Requirement(
    names=(parse_server_name(NAME),),
    environment=Environment.PRODUCTION,
    at=NOW,
    trusted_roots=(COMPANY.root,),
    public_roots=(),
)
IN_TEST = replace(DEMAND, environment=Environment.TEST)


def failed_checks(proof: Proof) -> set[str]:
    return {check.name for check in proof.checks if not check.ok}


def test_right_handshake_passes_every_check() -> None:
    proof = judge_handshake(handshake(RIGHT), DEMAND, RIGHT.leaf)
    assert proof.ok
    assert proof.failure == ""
    assert [check.name for check in proof.checks] == [
        "protocol",
        "key",
        "selected",
        "name",
        "time",
        "chain",
    ]
    document = proof.document
    assert document["verdict"] == "pass"
    assert document["at"] == "2026-11-24T09:00:00Z"
    assert document["group"] == "X25519MLKEM768"
    assert document["served_fingerprint"] == RIGHT.leaf.fingerprint
    assert [entry["fingerprint"] for entry in document["chain"]] == [
        RIGHT.leaf.fingerprint,
        COMPANY.intermediate.fingerprint,
    ]
    assert document["milliseconds"] == 12.3
    json.dumps(document)  # it goes into the database and to programs


WRONG: dict[str, tuple[Callable[[], Proof], set[str]]] = {
    "another certificate": (
        lambda: judge_handshake(handshake(COMPANY.issue([NAME])), DEMAND, RIGHT.leaf),
        {"selected"},
    ),
    "another name": (
        lambda: _judged(COMPANY.issue(["other.example"])),
        {"name"},
    ),
    "expired": (
        lambda: _judged(COMPANY.issue([NAME], not_after=NOW - timedelta(hours=1))),
        {"time"},
    ),
    "not yet valid": (
        lambda: _judged(COMPANY.issue([NAME], not_before=NOW + timedelta(hours=1))),
        {"time"},
    ),
    "a root nobody knows": (lambda: _judged(STRANGER.issue([NAME])), {"chain"}),
    "no intermediate": (
        lambda: judge_handshake(handshake(RIGHT, chain=1), DEMAND, RIGHT.leaf),
        {"chain"},
    ),
    "an old protocol": (
        lambda: judge_handshake(handshake(RIGHT, version="TLSv1.1"), DEMAND, RIGHT.leaf),
        {"protocol"},
    ),
    "everything": (
        lambda: judge_handshake(
            handshake(
                STRANGER.issue(["other.example"], not_after=NOW - timedelta(hours=1)),
                chain=1,
                version="TLSv1",
            ),
            DEMAND,
            RIGHT.leaf,
        ),
        {"protocol", "selected", "name", "time", "chain"},
    ),
}


def _judged(issued: Issued) -> Proof:
    return judge_handshake(handshake(issued), DEMAND, issued.leaf)


@pytest.mark.parametrize("case", WRONG)
def test_each_mistake_fails_its_own_check(case: str) -> None:
    make, expected = WRONG[case]
    proof = make()
    assert not proof.ok
    assert failed_checks(proof) == expected
    assert proof.document["verdict"] == "fail"
    for check in proof.checks:
        if not check.ok:
            assert check.sentence in proof.failure


def test_any_right_certificate_will_do_where_none_is_selected() -> None:
    proof = judge_handshake(handshake(RIGHT), DEMAND, None)
    assert proof.ok
    assert "selected" not in {check.name for check in proof.checks}


def test_what_only_a_policy_objects_to_does_not_fail_the_proof() -> None:
    # docs/decisions/0004: clients connect; the rules keep saying it at the endpoint.
    issued = self_signed([NAME], NOW)
    assert judge_handshake(handshake(issued), DEMAND, issued.leaf).ok


def test_on_a_test_server_an_unknown_root_is_told_but_no_failure() -> None:
    issued = STRANGER.issue([NAME])
    proof = judge_handshake(handshake(issued), IN_TEST, issued.leaf)
    assert proof.ok
    chain = next(check for check in proof.checks if check.name == "chain")
    assert chain.sentence.startswith("Only a warning in this endpoint's environment: ")
    assert "Stranger" in chain.sentence


def test_client_trusts_its_roots_and_nothing_else() -> None:
    name = parse_server_name(NAME)
    assert judge_as_client(handshake(RIGHT), name, [COMPANY.root], NOW).ok
    assert not judge_as_client(handshake(RIGHT), name, [STRANGER.root], NOW).ok
    assert not judge_as_client(handshake(RIGHT), name, [], NOW).ok
    other = parse_server_name("other.example")
    assert not judge_as_client(handshake(RIGHT), other, [COMPANY.root], NOW).ok
    late = NOW + timedelta(days=400)
    assert not judge_as_client(handshake(RIGHT), name, [COMPANY.root], late).ok


def test_no_handshake_is_a_failed_proof() -> None:
    proof = failed_proof("Nothing answers.", "127.0.0.1", 8165, NAME, NOW)
    assert not proof.ok
    assert proof.failure == "Nothing answers."
    assert proof.document["verdict"] == "fail"


def test_in_the_clear_it_answers_and_that_is_all() -> None:
    proof = plain_proof("127.0.0.1", 8065, NAME, NOW)
    assert proof.ok
    assert "tls_version" not in proof.document
