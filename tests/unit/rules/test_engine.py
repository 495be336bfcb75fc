"""The engine loses no report, and sorts what it says."""

import tomllib

import pytest

from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.case import Case
from certwright.rules.catalogue import RULES
from certwright.rules.engine import check, is_right
from certwright.rules.environment import Environment
from certwright.rules.family import Family
from certwright.rules.finding import Finding, Severity
from certwright.rules.rule import Rule

from .test_vectors import FOLDER, candidate, requirement


@pytest.fixture(scope="module")
def wrong() -> tuple[Candidate, Requirement]:
    vector = tomllib.loads((FOLDER / "everything-wrong.toml").read_text("utf-8"))
    return candidate(vector), requirement(vector)


def rule(code: str, message: str | None, severity: Severity) -> Rule:
    return Rule(
        code=code,
        family=Family.NAMES,
        title="A rule",
        severities={Environment.PRODUCTION: severity},
        reference="Here",
        remedy="Mend it.",
        judge=lambda _case: message,
    )


def test_worst_comes_first_then_the_code(wrong: tuple[Candidate, Requirement]) -> None:
    rules = [
        rule("b-notice", "N.", Severity.NOTICE),
        rule("z-error", "Z.", Severity.ERROR),
        rule("c-warning", "W.", Severity.WARNING),
        rule("a-error", "A.", Severity.ERROR),
        rule("fine", None, Severity.ERROR),
    ]
    codes = [finding.code for finding in check(*wrong, rules)]
    assert codes == ["a-error", "z-error", "c-warning", "b-notice"]


def test_rule_that_crashes_is_a_finding_and_the_others_still_speak(
    wrong: tuple[Candidate, Requirement],
) -> None:
    def crash(_case: Case) -> str | None:
        raise ZeroDivisionError("hunter2")

    crashing = Rule(
        "crashing", Family.NAMES, "", {Environment.PRODUCTION: Severity.NOTICE}, "Here", "", crash
    )
    findings = check(*wrong, [crashing, rule("other", "O.", Severity.WARNING)])
    assert [finding.code for finding in findings] == ["rule-crashed", "other"]
    assert findings[0].severity is Severity.ERROR
    assert findings[0].message == "The rule crashing could not be applied (ZeroDivisionError)."
    assert not is_right(findings)


def test_rule_that_an_environment_does_not_have_is_silent(
    wrong: tuple[Candidate, Requirement],
) -> None:
    elsewhere = Rule(
        "x", Family.NAMES, "", {Environment.CLOUD: Severity.ERROR}, "", "", lambda _: "Wrong."
    )
    assert check(*wrong, [elsewhere]) == ()


def test_only_an_error_makes_it_wrong() -> None:
    def findings(*severities: Severity) -> list[Finding]:
        return [Finding("x", severity, "", "", "") for severity in severities]

    assert is_right([])
    assert is_right(findings(Severity.WARNING, Severity.NOTICE))
    assert not is_right(findings(Severity.NOTICE, Severity.ERROR))


def test_every_rule_says_what_it_demands_why_and_what_to_do() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES) == 10
    for one in RULES:
        assert one.code == one.code.lower()
        assert one.title
        assert one.reference
        assert one.remedy.endswith(".")
        assert one.severities


MESSAGES = {
    "short-host-name": "Its names lack todd.corp.example; it is for todd.",
    "common-name-absent": "It has no Common Name, and todd.corp.example should be there.",
    "common-name-other": "Its Common Name is Todd's server, not todd.corp.example.",
    "address-as-dns-name": "It has 10.1.2.3 only as a DNS name, which no client takes as an "
    "address.",
    "expired": "It expired on 18 December 2026.",
    "not-yet-valid": "It is good only from 1 November 2026, 00:00 UTC, on.",
    "private-key-missing": "Its private key is not here.",
    "key-mismatch": "The private key beside it belongs to another certificate.",
    "clients-only": "It is not for servers: its extended key usages name clients only.",
    "intermediate-missing": "The certificate of Corp Issuing 1, which issued todd.corp.example, "
    "is missing.",
    "signed-with-sha1": "todd.corp.example is signed with ecdsa-with-SHA1: too weak.",
    "self-signed-production": "It is self-signed: no client trusts it by itself.",
    "self-signed-cloud": "No public authority issued it: it is self-signed.",
    "cloud-private": "It leads to Corp Root, which is no public authority known here.",
}


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_message_says_it_in_plain_words(name: str) -> None:
    vector = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    messages = [finding.message for finding in check(candidate(vector), requirement(vector))]
    assert MESSAGES[name] in messages
