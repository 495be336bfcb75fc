"""Is it the time in which the certificate is good?"""

from datetime import datetime, timedelta

from certwright.rules.case import Case
from certwright.rules.family import Family
from certwright.rules.rule import ERROR_EVERYWHERE, WARNING_EVERYWHERE, Rule
from certwright.x509.certificate import Certificate
from certwright.x509.text import day, span

NEAR_EXPIRY_SHARE = 0.15
"""Of the lifetime, and never a number of days, which would be all of a six-day certificate.
Renewal at two thirds should be long done by then."""

_REFERENCE = "RFC 5280 section 4.1.2.5"


def is_near_expiry(certificate: Certificate, at: datetime) -> bool:
    """Whether it is good at `at` (UTC), but so little of its time is left that it is late."""
    lifetime = certificate.not_after - certificate.not_before
    left = certificate.not_after - at
    return timedelta(0) <= left < lifetime * NEAR_EXPIRY_SHARE


def time_left(certificate: Certificate, at: datetime) -> str:
    """How long it is still good, as a person says it: "12 days", or "5 hours" at the very end."""
    return span(certificate.not_after - at)


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


def _near_expiry(case: Case) -> str | None:
    certificate, at = case.certificate, case.requirement.at
    if not is_near_expiry(certificate, at):
        return None
    return f"It expires on {day(certificate.not_after)}, in {time_left(certificate, at)}."


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

NEAR_EXPIRY = Rule(
    code="near-expiry",
    family=Family.TIME,
    title=f"More than {NEAR_EXPIRY_SHARE:.0%} of the certificate's lifetime is left",
    severities=WARNING_EVERYWHERE,
    reference="The product's requirement: renewed in time, by the share of the lifetime "
    "(RFC 9773 section 4.2 lets authorities say when)",
    remedy="Renew it now, and select its successor.",
    judge=_near_expiry,
)
