"""What an endpoint does with a certificate, and where the remedies lead."""

import pytest

from certwright.designer.certificate_window_endpoints import (
    EndpointVerdict,
    Use,
    remedy_for,
    use_of,
    used_by,
)
from certwright.rules.catalogue import RULES
from certwright.rules.finding import Finding, Severity
from certwright.services.endpoints import Choice, Endpoint, EndpointName, WebServerProtocol

HTTP, HTTPS = WebServerProtocol.HTTP, WebServerProtocol.HTTPS
WEB = EndpointName.WEB_SERVER


def endpoint(saved: Choice, active: Choice | None) -> Endpoint:
    return Endpoint(WEB, saved, active, None, 1)


@pytest.mark.parametrize(
    ("saved", "active", "use"),
    [
        (Choice(HTTPS, "a"), Choice(HTTPS, "a"), Use.SERVED),
        (Choice(HTTPS, "a"), Choice(HTTPS, "b"), Use.SAVED),
        (Choice(HTTPS, "a"), None, Use.SAVED),
        (Choice(HTTPS, "a"), Choice(HTTP, "a"), Use.SAVED),
        (Choice(HTTPS, "b"), Choice(HTTPS, "a"), Use.FORMER),
        (Choice(HTTP, "a"), Choice(HTTP, "a"), Use.KEPT),
        (Choice(HTTPS, "b"), Choice(HTTPS, "b"), Use.NONE),
        (Choice(HTTPS, "b"), Choice(HTTP, "a"), Use.NONE),
    ],
)
def test_use_of_a_certificate(saved: Choice, active: Choice | None, use: Use) -> None:
    one = endpoint(saved, active)
    assert use_of(one, "a") is use
    assert used_by([one], "a") == (() if use is Use.NONE else ((WEB, use),))


def test_every_rule_has_a_button() -> None:
    for rule in RULES:
        remedy = remedy_for(rule.code, WEB)
        assert remedy.label
        assert remedy.address.startswith("/")


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("private-key-missing", "/certificates/import"),
        ("chain-incomplete", "/certificates/import"),
        ("expired", "/settings/web-server/certificate"),
        ("rule-crashed", "/settings/web-server/certificate"),
    ],
)
def test_remedy_leads_to_what_helps(code: str, address: str) -> None:
    assert remedy_for(code, WEB).address == address


def test_the_same_remedy_stands_once_and_notices_ask_for_nothing() -> None:
    findings = tuple(
        Finding(code, severity, "It is so.", "Do this.", "RFC")
        for code, severity in (
            ("expired", Severity.ERROR),
            ("san-lacks-name", Severity.ERROR),
            ("chain-incomplete", Severity.WARNING),
            ("private-key-missing", Severity.NOTICE),
        )
    )
    verdict = EndpointVerdict(endpoint(Choice(HTTPS, "b"), None), Use.NONE, findings)
    assert [one.label for one in verdict.remedies] == [
        "Select another certificate",
        "Import the chain",
    ]
    assert not verdict.is_right
