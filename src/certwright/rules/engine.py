"""All rules, applied."""

from collections.abc import Iterable

from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.chain import CHAIN_INCOMPLETE
from certwright.rules.finding import Finding, Severity
from certwright.rules.keys import KEY_MISMATCH, PRIVATE_KEY_MISSING
from certwright.rules.names import CN_LACKS_NAME, SAN_LACKS_NAME
from certwright.rules.origin import PRIVATE_CA_FOR_CLOUD, SELF_SIGNED_IN_PRODUCTION
from certwright.rules.rule import Rule
from certwright.rules.usage import SERVER_AUTH_MISSING
from certwright.rules.validity import EXPIRED, NOT_YET_VALID

RULES: tuple[Rule, ...] = (
    SAN_LACKS_NAME,
    CN_LACKS_NAME,
    EXPIRED,
    NOT_YET_VALID,
    PRIVATE_KEY_MISSING,
    KEY_MISMATCH,
    SERVER_AUTH_MISSING,
    CHAIN_INCOMPLETE,
    SELF_SIGNED_IN_PRODUCTION,
    PRIVATE_CA_FOR_CLOUD,
)


def check(
    candidate: Candidate, requirement: Requirement, rules: Iterable[Rule] = RULES
) -> tuple[Finding, ...]:
    """What `rules` have to say, the worst first, then by code."""
    findings = (_apply(rule, candidate, requirement) for rule in rules)
    return tuple(
        sorted(
            (finding for finding in findings if finding is not None),
            key=lambda finding: (finding.severity.rank, finding.code),
        )
    )


def is_right(findings: Iterable[Finding]) -> bool:
    """Whether a certificate with these findings may be used."""
    return all(finding.severity is not Severity.ERROR for finding in findings)


def _apply(rule: Rule, candidate: Candidate, requirement: Requirement) -> Finding | None:
    severity = rule.severities.get(requirement.environment)
    if severity is None:
        return None
    try:
        message = rule.judge(candidate, requirement)
    except Exception as error:  # noqa: BLE001 - one broken rule must not lose the report of all
        return _crashed(rule, error)
    if message is None:
        return None
    return Finding(rule.code, severity, message, rule.remedy, rule.reference)


def _crashed(rule: Rule, error: Exception) -> Finding:
    # Not passed over: a rule that did not look has not found the certificate right.
    return Finding(
        code="rule-crashed",
        severity=Severity.ERROR,
        message=f"The rule {rule.code} could not be applied ({type(error).__name__}).",
        remedy="Report this together with the certificate (never its private key).",
        reference=rule.reference,
    )
