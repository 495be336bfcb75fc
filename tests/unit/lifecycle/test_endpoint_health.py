"""A pure table: how an endpoint stands, and the words for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from certwright.lifecycle.endpoint_health import Health, judge_endpoint
from certwright.rules.finding import Finding, Severity
from certwright.services.endpoints import Choice, Endpoint, OwnEndpoint, WebServerProtocol
from certwright.x509.certificate import Certificate

from ..foreign_authority import ForeignAuthority

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NAME = "todd.corp.example"
LEAF = (
    ForeignAuthority(NOW)
    .issue([NAME], not_before=NOW - timedelta(days=50), not_after=NOW + timedelta(days=50))
    .leaf
)
CHOICE = Choice(WebServerProtocol.HTTPS, LEAF.fingerprint)
PLAIN = Choice(WebServerProtocol.HTTP, LEAF.fingerprint)
OTHER = Choice(WebServerProtocol.HTTPS, "ab" * 32)
PASS, FAIL = {"verdict": "pass"}, {"verdict": "fail"}
GOOD = Endpoint(OwnEndpoint.WEB_SERVER, saved=CHOICE, active=CHOICE, proof=PASS, version=3)


def finding(severity: Severity) -> Finding:
    return Finding("some-rule", severity, "The rule's words.", "Its remedy.", "RFC 0")


@pytest.mark.parametrize(
    ("endpoint", "active", "severities", "days_later", "health", "words"),
    [
        (GOOD, LEAF, (), 0, Health.GOOD, "Right for todd.corp.example until 13 January 2027"),
        (GOOD, LEAF, (), 0, Health.GOOD, "(50 days)"),
        (GOOD, LEAF, (), 34, Health.GOOD, "(16 days)"),
        (GOOD, LEAF, (), 36, Health.ATTENTION, "Select its successor soon."),
        (GOOD, LEAF, (), 49, Health.ATTENTION, "(24 hours)"),
        (GOOD, LEAF, (Severity.WARNING,), 0, Health.ATTENTION, "The rule's words."),
        (GOOD, LEAF, (Severity.NOTICE,), 0, Health.GOOD, "Right for"),
        (GOOD, LEAF, (Severity.ERROR,), 0, Health.BROKEN, "The rule's words."),
        (replace(GOOD, proof=None), LEAF, (), 0, Health.BROKEN, "did not prove"),
        (replace(GOOD, proof=FAIL), LEAF, (), 0, Health.BROKEN, "did not prove"),
        (replace(GOOD, proof={}), LEAF, (), 0, Health.BROKEN, "did not prove"),
        (replace(GOOD, saved=OTHER), LEAF, (), 0, Health.ATTENTION, "Restart the server"),
        (replace(GOOD, saved=PLAIN), LEAF, (), 0, Health.ATTENTION, "Restart the server"),
        (replace(GOOD, saved=OTHER, proof=FAIL), LEAF, (), 0, Health.BROKEN, "did not prove"),
        (replace(GOOD, active=None), None, (), 0, Health.BROKEN, "serves nothing yet"),
        (GOOD, None, (), 0, Health.BROKEN, "has no certificate"),
        (replace(GOOD, saved=PLAIN, active=PLAIN), LEAF, (), 0, Health.ATTENTION, "in the clear"),
        (
            replace(GOOD, saved=PLAIN, active=PLAIN, proof=FAIL),
            LEAF,
            (),
            0,
            Health.BROKEN,
            "did not answer",
        ),
    ],
)
def test_health_and_the_sentence_that_says_why(
    endpoint: Endpoint,
    active: Certificate | None,
    severities: tuple[Severity, ...],
    days_later: int,
    health: Health,
    words: str,
) -> None:
    findings = tuple(map(finding, severities))
    now = NOW + timedelta(days=days_later)
    judged, sentence = judge_endpoint(endpoint, active, findings, None, NAME, now)
    assert (judged, sentence.count(words)) == (health, 1), sentence
    assert sentence.endswith(".")
