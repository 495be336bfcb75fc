"""Is it the time in which the certificate is good?"""

from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.rule import ERROR_EVERYWHERE, Rule
from certwright.x509.text import day

_REFERENCE = "RFC 5280 section 4.1.2.5"


def _expired(candidate: Candidate, requirement: Requirement) -> str | None:
    # RFC 5280 4.1.2.5: "The validity period for a certificate is the period of time from
    # notBefore through notAfter, inclusive."
    not_after = candidate.certificate.not_after
    return f"It expired on {day(not_after)}." if requirement.at > not_after else None


def _not_yet_valid(candidate: Candidate, requirement: Requirement) -> str | None:
    not_before = candidate.certificate.not_before
    if requirement.at >= not_before:
        return None
    return f"It is good only from {day(not_before)}, {not_before:%H:%M} UTC, on."


EXPIRED = Rule(
    code="expired",
    title="The certificate has not expired",
    severities=ERROR_EVERYWHERE,
    reference=_REFERENCE,
    remedy="Renew it, or select one that has not expired.",
    judge=_expired,
)

NOT_YET_VALID = Rule(
    code="not-yet-valid",
    title="The certificate's time has begun",
    severities=ERROR_EVERYWHERE,
    reference=_REFERENCE,
    remedy="Select another one until then; if the date is right, look at this machine's clock.",
    judge=_not_yet_valid,
)
