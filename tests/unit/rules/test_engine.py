"""The engine loses no report, and sorts what it says."""

import tomllib

import pytest
from tests.vectors.rule_reading import FOLDER, candidate, requirement

from certwright.errors import CertwrightError, ErrorCode
from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.case import Case
from certwright.rules.catalogue import RULES
from certwright.rules.engine import check, chosen_rules, is_right
from certwright.rules.environment import Environment
from certwright.rules.family import Family
from certwright.rules.finding import Finding, Severity
from certwright.rules.rule import Rule
from certwright.rules.validity import EXPIRED


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


def test_worst_comes_first_then_the_order_of_the_rules(
    wrong: tuple[Candidate, Requirement],
) -> None:
    rules = [
        rule("b-notice", "N.", Severity.NOTICE),
        rule("z-error", "Z.", Severity.ERROR),
        rule("c-warning", "W.", Severity.WARNING),
        rule("a-error", "A.", Severity.ERROR),
        rule("fine", None, Severity.ERROR),
    ]
    codes = [finding.code for finding in check(*wrong, rules)]
    assert codes == ["z-error", "a-error", "c-warning", "b-notice"]


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
    assert len({rule.code for rule in RULES}) == len(RULES)
    for one in RULES:
        assert one.code == one.code.lower()
        assert one.title
        assert one.reference
        assert one.remedy.endswith(".")
        assert one.severities


def test_chosen_rules() -> None:
    assert chosen_rules("", "") == RULES
    assert chosen_rules("expired", "") == (EXPIRED,)
    families = {rule.family for rule in chosen_rules(" Names , key-access", "")}
    assert families == {Family.NAMES, Family.KEY_ACCESS}
    assert EXPIRED not in chosen_rules("", "time")
    assert chosen_rules("time,names", "expired,names") == tuple(
        rule for rule in RULES if rule.family is Family.TIME and rule is not EXPIRED
    )
    for family in Family:
        assert chosen_rules(family, "")


@pytest.mark.parametrize(("only", "ignore"), [("nonsense", ""), ("", "time,nonsense")])
def test_unknown_rule_is_named(only: str, ignore: str) -> None:
    with pytest.raises(CertwrightError) as caught:
        chosen_rules(only, ignore)
    assert caught.value.code is ErrorCode.INVALID_INPUT
    assert '"nonsense"' in caught.value.message


MESSAGES = {
    "short-host-name": "Its names lack todd.corp.example; it is for todd. todd is the short host "
    "name only.",
    "only-common-name": "Its names lack todd.corp.example; it has none. Clients look at those "
    "only, not at its Common Name.",
    "wildcard-partial": "Its names lack todd.corp.example; it is for t*.corp.example. A wildcard "
    "stands for exactly one whole label, the first, with two more at least behind it.",
    "trailing-dot": "Its names lack todd.corp.example; it is for todd.corp.example.. With a dot "
    "at its end clients take it for another name.",
    "own-letters": "Its names lack münchen.example; it is for münchen.example. Clients look for "
    "xn--mnchen-3ya.example, not for münchen.example in its own letters.",
    "common-name-absent": "It has no Common Name, and todd.corp.example should be there.",
    "common-name-other": "Its Common Name is Todd's server, not todd.corp.example.",
    "address-as-dns-name-needed": "It has 10.1.2.3 only as a DNS name, which no client takes as "
    "an address.",
    "internal-name-cloud": "todd.intranet ends in .intranet, which belongs to no one on the "
    "Internet: no public authority may issue a certificate for it.",
    "expired": "It expired on 18 December 2026.",
    "near-expiry": "It expires on 18 December 2026, in 6 days.",
    "near-expiry-six-days": "It expires on 7 November 2026, in 12 hours.",
    "not-yet-valid": "It is good only from 1 November 2026, 00:00 UTC, on.",
    "lifetime-too-long-cloud": "It is good for 250 days; issued on 1 November 2026, a public "
    "certificate may last 200 days at most (ballot SC-081v3).",
    "private-key-missing": "Its private key is not here.",
    "key-mismatch": "The private key beside it belongs to another certificate.",
    "private-key-unreadable": "The service runs as NT SERVICE\\XtractUniversal, which may not "
    "read its private key; SYSTEM, Administrators may.",
    "rsa-1024": "Its RSA key has 1024 bits; clients demand 2048 at least.",
    "roca": "Anybody can work out its private key: it was made by a faulty library (ROCA, "
    "CVE-2017-15361).",
    "clients-only": "It is not for servers: its extended key usages name clients only.",
    "intermediate-missing": "The certificate of Corp Issuing 1, which issued todd.corp.example, "
    "is missing.",
    "intermediate-namesake": "Corp Issuing 1, as it is here, did not issue todd.corp.example: it "
    "has the same name, but another key.",
    "issuer-renewed-with-another-key": "Renewed, as it is here, has another key than the one that "
    "issued todd.corp.example: there is this one only since 1 November 2026, and the certificate "
    "is older.",
    "intermediate-expired": "Brief Issuing 1 expired on 29 November 2026.",
    "names-outside": "Limited may not issue certificates for todd.corp.example (its name "
    "constraints).",
    "path-too-long": "Closed allows no authority below it, and there is one.",
    "signed-with-sha1": "It is signed with ecdsa-with-SHA1: such a signature can be forged.",
    "intermediate-signed-with-sha1": "Issuing by SHA-1 is signed with ecdsa-with-SHA1: too weak.",
    "signature-changed": "The signature on todd.corp.example is not the one that Corp Issuing 1 "
    "made: it was changed afterwards, or damaged.",
    "out-of-order": "The chain is out of order: Upper again comes before Lower again, which it "
    "issued.",
    "revoked": "Its authority revoked it on 20 November 2026, reason keyCompromise (says its "
    "OCSP).",
    "revocation-not-answered": "Whether it was revoked could not be found out. "
    "ocsp.corp.example did not answer.",
    "self-signed-production": "It is self-signed: no client trusts it by itself.",
    "self-signed-cloud": "No public authority issued it: it is self-signed.",
    "cloud-private": "It leads to Corp Root, which is no public authority known here.",
    "endpoint-forgotten": "The Configuration Server was left with this certificate (good until "
    "27 November 2026), while the Web Server has a newer one (good until 9 February 2027).",
}


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_message_says_it_in_plain_words(name: str) -> None:
    vector = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    messages = [finding.message for finding in check(candidate(vector), requirement(vector))]
    assert MESSAGES[name] in messages
