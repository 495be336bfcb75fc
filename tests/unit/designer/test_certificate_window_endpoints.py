"""Where the remedies of findings lead."""

import pytest

from certwright.designer.certificate_window_endpoints import remedies_of, remedy_for
from certwright.lifecycle.endpoint_verdicts import EndpointVerdict, Use
from certwright.rules.catalogue import RULES
from certwright.rules.finding import Finding, Severity
from certwright.services.endpoints import (
    Choice,
    Endpoint,
    OwnEndpoint,
    WebServerProtocol,
)

WEB = OwnEndpoint.WEB_SERVER


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
    verdict = EndpointVerdict(
        Endpoint(WEB, Choice(WebServerProtocol.HTTPS, "b"), None, None, 1), Use.NONE, findings
    )
    assert [one.label for one in remedies_of(verdict)] == [
        "Select another certificate",
        "Import the chain",
    ]
    assert not verdict.is_right
