"""Whom a limit concerns: the whole account, or the names of one order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.authorities.acme.pause import Pause, pause_after
from certwright.authorities.acme.problems import Problem, read_problem
from certwright.x509.names import NameKind, ServerName, parse_certificate_name

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
PREFIX = "urn:ietf:params:acme:error:"
NAMES = tuple(map(parse_certificate_name, ("todd.corp.example", "*.sales.example", "192.0.2.7")))


def limit(detail: str, **members: object) -> Problem:
    return read_problem({"type": f"{PREFIX}rateLimited", "detail": detail, **members}, 429)


def pause(problem: Problem, retry_after: str | None = "7200") -> Pause | None:
    return pause_after(problem, retry_after, NAMES, "public", NOW)


@pytest.mark.parametrize(
    "detail",
    [
        "too many new orders (300) from this account in the last 3h0m0s, retry after "
        "2026-11-26 14:00:00 UTC: see https://letsencrypt.org/docs/rate-limits/#new-orders",
        "too many new registrations (10) from this IP address in the last 3h0m0s",
        "Service busy; retry later.",
        "too many requests for other.example, example and corp.example.org",
        "",
    ],
)
def test_a_limit_of_the_account_or_the_address_is_a_pause_of_all(detail: str) -> None:
    made = pause(limit(detail))
    assert made is not None
    assert made.until == NOW + timedelta(hours=2)
    assert made.sentence.startswith(
        "public asked us to wait, and is asked nothing before 2026-11-26T14:00:00Z: there were "
        "too many requests."
    )
    assert detail.rstrip(".") in made.sentence


@pytest.mark.parametrize(
    "detail",
    [
        "too many certificates (5) already issued for this exact set of identifiers in the last "
        "168h0m0s, retry after 2026-11-28 01:02:03 UTC: see https://ca.example/rate-limits/",
        'too many certificates (50) already issued for "corp.example" in the last 168h0m0s',
        'too many failed authorizations (5) for "TODD.corp.example" in the last 1h0m0s',
        "Your account may not order for sales.example. Please visit: https://ca.example/unpause",
        'too many certificates already issued for "192.0.2.7/32"',
    ],
)
def test_a_limit_of_names_is_no_pause_of_others(detail: str) -> None:
    assert pause(limit(detail)) is None


def test_a_name_in_the_document_makes_it_a_limit_of_names() -> None:
    name = {"type": "dns", "value": "other.example"}
    about = {"type": f"{PREFIX}rateLimited", "detail": "too many", "identifier": name}
    assert pause(limit("too many", subproblems=[about])) is None
    assert pause(limit("too many", identifier=name)) is None


def test_a_server_that_is_unavailable_is_left_alone_whatever_it_says() -> None:
    for document in (None, {"type": f"{PREFIX}serverInternal", "detail": "for corp.example"}):
        made = pause(read_problem(document, 503), "600")
        assert made is not None
        assert made.until == NOW + timedelta(minutes=10)


def test_without_a_time_it_is_left_alone_for_a_while() -> None:
    waits = [pause(limit("too many"), None), pause(read_problem(None, 503), None)]
    assert [one.until - NOW for one in waits if one] == [timedelta(hours=1), timedelta(minutes=5)]


def test_a_pause_of_all_is_never_longer_than_a_day() -> None:
    made = pause(limit("too many new orders"), "999999999")
    assert made is not None
    assert made.until == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "status"), [("rejectedIdentifier", 403), ("serverInternal", 500), ("badNonce", 400)]
)
def test_other_refusals_are_no_pause(kind: str, status: int) -> None:
    assert pause(read_problem({"type": PREFIX + kind, "detail": "no"}, status), "60") is None


@given(st.text(max_size=300), st.text(max_size=60), st.sampled_from(NameKind))
def test_any_words_are_judged(detail: str, name: str, kind: NameKind) -> None:
    made = pause_after(limit(detail), None, (ServerName(kind, name),), "public", NOW)
    assert made is None or made.sentence.isprintable()
