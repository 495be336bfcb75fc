"""Is it the time in which the certificate is good?"""

from certwright.rules.case import Case
from certwright.rules.family import Family
from certwright.rules.rule import ERROR_EVERYWHERE, Rule
from certwright.x509.text import day

_REFERENCE = "RFC 5280 section 4.1.2.5"


def _expired(case: Case) -> str | None:
    # RFC 5280 4.1.2.5: "The validity period for a certificate is the period of time from
    # notBefore through notAfter, inclusive."
    not_after = case.certificate.not_after
    return f"It expired on {day(not_after)}." if case.requirement.at > not_after else None


def _not_yet_valid(case: Case) -> str | None:
    not_before = case.certificate.not_before
    if case.requirement.at >= not_before:
        return None
    return f"It is good only from {day(not_before)}, {not_before:%H:%M} UTC, on."


EXPIRED = Rule(
    code="expired",
    family=Family.TIME,
    title="The certificate has not expired",
    severities=ERROR_EVERYWHERE,
    reference=_REFERENCE,
    remedy="Renew it, or select one that has not expired.",
    judge=_expired,
)

NOT_YET_VALID = Rule(
    code="not-yet-valid",
    family=Family.TIME,
    title="The certificate's time has begun",
    severities=ERROR_EVERYWHERE,
    reference=_REFERENCE,
    remedy="Select another one until then; if the date is right, look at this machine's clock.",
    judge=_not_yet_valid,
)
