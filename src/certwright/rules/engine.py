"""All rules, applied."""

from collections.abc import Iterable

from certwright.errors import CertwrightError, ErrorCode
from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.case import Case
from certwright.rules.catalogue import RULES
from certwright.rules.family import Family
from certwright.rules.finding import Finding, Severity
from certwright.rules.rule import Objection, Rule
from certwright.x509.text import printable


def check(
    candidate: Candidate, requirement: Requirement, rules: Iterable[Rule] = RULES
) -> tuple[Finding, ...]:
    """What `rules` have to say, the worst first, then in the order of `rules`."""
    case = Case(candidate, requirement)
    findings = (_apply(rule, case) for rule in rules)
    return worst_first(finding for finding in findings if finding is not None)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By severity, else in the order they come in: the rules' own."""
    return tuple(sorted(findings, key=lambda finding: finding.severity.rank))


def is_right(findings: Iterable[Finding]) -> bool:
    """Whether a certificate with these findings may be used."""
    return all(finding.severity is not Severity.ERROR for finding in findings)


def chosen_rules(only: str, ignore: str) -> tuple[Rule, ...]:
    """Those of `only` (all, if it is empty) without those of `ignore`.

    Each is a comma-separated list of codes and families; raises INVALID_INPUT for anything else.
    """
    wanted, unwanted = _parse(only), _parse(ignore)
    return tuple(
        rule for rule in RULES if (not wanted or rule.code in wanted) and rule.code not in unwanted
    )


def _apply(rule: Rule, case: Case) -> Finding | None:
    severity = rule.severity(case)
    if severity is None:
        return None
    try:
        objection = rule.judge(case)
    except Exception as error:  # noqa: BLE001 - one broken rule must not lose the report of all
        return _crashed(rule, error)
    if objection is None:
        return None
    if isinstance(objection, str):
        objection = Objection(objection, rule.remedy)
    return Finding(rule.code, severity, objection.message, objection.remedy, rule.reference)


def _crashed(rule: Rule, error: Exception) -> Finding:
    # Not passed over: a rule that did not look has not found the certificate right.
    return Finding(
        code="rule-crashed",
        severity=Severity.ERROR,
        message=f"The rule {rule.code} could not be applied ({type(error).__name__}).",
        remedy="Report this together with the certificate (never its private key).",
        reference=rule.reference,
    )


def _parse(text: str) -> frozenset[str]:
    words = [word.strip().lower() for word in text.split(",")]
    return frozenset(code for word in words if word for code in _codes(word))


def _codes(word: str) -> list[str]:
    codes = [rule.code for rule in RULES if word in (rule.code, rule.family)]
    if not codes:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f'There is no rule and no family of rules "{printable(word, 60)}".',
            f"The families are {', '.join(Family)}; docs/rules.md lists the codes of all rules.",
        )
    return codes
