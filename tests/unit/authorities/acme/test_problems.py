"""Problem documents in words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.authorities.acme.problems import EXPLANATIONS, read_problem, refusal, sentence

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
PREFIX = "urn:ietf:params:acme:error:"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "detail", "identifier", "value", "subproblems", "instance"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("kind", EXPLANATIONS)
def test_each_type_has_one_sentence_and_a_remedy(kind: str) -> None:
    problem = read_problem({"type": PREFIX + kind, "detail": "what it saw."}, 403)
    told = sentence(problem)
    assert told == (
        f'The authority refused: {EXPLANATIONS[kind].sentence}. It says: "what it saw".'
    )
    remedy = refusal(problem, None, NOW).remedy
    assert remedy.endswith(".")
    assert "!" not in told + remedy


@pytest.mark.parametrize(
    "kind",
    [
        "accountDoesNotExist",
        "caa",
        "connection",
        "dns",
        "incorrectResponse",
        "malformed",
        "orderNotReady",
        "rateLimited",
        "rejectedIdentifier",
        "serverInternal",
        "tls",
        "unauthorized",
        "unsupportedIdentifier",
        "userActionRequired",
        "externalAccountRequired",
        "badCSR",
        "badPublicKey",
        "alreadyReplaced",
        "invalidProfile",
    ],
)
def test_no_type_that_servers_use_is_missing(kind: str) -> None:
    assert kind in EXPLANATIONS


def test_a_type_that_nobody_knows_is_told_with_the_words_that_came() -> None:
    told = sentence(read_problem({"type": "urn:example:moon", "detail": "The moon is full"}, 400))
    assert "not known here" in told
    assert "The moon is full" in told


def test_the_page_that_ends_the_pause_of_an_account_is_told_whole() -> None:
    page = f"https://portal.example/unpause?jwt={'a' * 600}"
    detail = f"Your account may not order for corp.example and possibly others. Visit: {page}"
    problem = read_problem({"type": PREFIX + "rateLimited", "detail": detail}, 429)
    assert page in sentence(problem)
    assert "a page to visit" in refusal(problem, None, NOW).remedy


def test_each_subproblem_is_told_with_its_name() -> None:
    document = {
        "type": PREFIX + "compound",
        "detail": "Some of the identifiers",
        "subproblems": [
            {
                "type": PREFIX + "caa",
                "detail": "forbidden by policy",
                "identifier": {"type": "dns", "value": "todd.corp.example"},
            },
            "nonsense",
        ],
    }
    told = sentence(read_problem(document, 403))
    assert "For todd.corp.example: the name's CAA records" in told
    assert '"forbidden by policy"' in told


def test_a_page_to_agree_on_is_named() -> None:
    problem = read_problem(
        {"type": PREFIX + "userActionRequired", "instance": "https://ca.example/terms"}, 403
    )
    assert "https://ca.example/terms" in sentence(problem)


@pytest.mark.parametrize(
    ("status", "kind"), [(429, "rateLimited"), (503, "serverInternal"), (404, "")]
)
def test_an_error_without_a_document_is_judged_by_its_status(status: int, kind: str) -> None:
    problem = read_problem(None, status)
    assert problem.kind == kind
    assert f"HTTP status {status}" in sentence(problem)
    for document in ({}, {"type": "about:blank"}, {"message": "Too Many Requests"}):
        assert read_problem(document, status).kind == kind


@pytest.mark.parametrize(
    ("kind", "status", "retry_after", "expected"),
    [
        ("rateLimited", 429, "7200", timedelta(hours=2)),
        ("rateLimited", 429, None, timedelta(hours=1)),
        ("rateLimited", 400, "Wed, 25 Nov 2026 15:00:00 GMT", timedelta(hours=3)),
        ("rateLimited", 429, "999999999", timedelta(days=8)),
        ("serverInternal", 503, "600", timedelta(minutes=10)),
        ("serverInternal", 500, None, timedelta(minutes=5)),
        ("serverInternal", 503, "0", timedelta(seconds=30)),
    ],
)
def test_limits_and_faults_say_when_to_ask_again(
    kind: str, status: int, retry_after: str | None, expected: timedelta
) -> None:
    failure = refusal(read_problem({"type": PREFIX + kind}, status), retry_after, NOW)
    assert failure.again_at == NOW + expected


def test_other_refusals_leave_that_to_whoever_asks() -> None:
    assert refusal(read_problem({"type": PREFIX + "caa"}, 403), None, NOW).again_at is None


@given(JSON, st.integers(400, 599))
def test_any_document_makes_a_short_printable_sentence(document: object, status: int) -> None:
    told = sentence(read_problem(document, status))
    assert told.isprintable()
    assert len(told) < 8000
