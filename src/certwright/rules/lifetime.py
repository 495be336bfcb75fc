"""Is the certificate issued for longer than clients accept?"""

from datetime import UTC, datetime, timedelta

from certwright.rules.case import Case
from certwright.rules.environment import Environment
from certwright.rules.family import Family
from certwright.rules.finding import Severity
from certwright.rules.rule import ERROR_EVERYWHERE, WARNING_EVERYWHERE, Rule
from certwright.x509.certificate import Certificate
from certwright.x509.text import day

_PUBLIC_LIMITS = (
    # Issued from this day on (UTC), for so many days at most; the latest first.
    (datetime(2029, 3, 15, tzinfo=UTC), 47, "ballot SC-081v3"),
    (datetime(2027, 3, 15, tzinfo=UTC), 100, "ballot SC-081v3"),
    (datetime(2026, 3, 15, tzinfo=UTC), 200, "ballot SC-081v3"),
    (datetime(2020, 9, 1, tzinfo=UTC), 398, "ballot SC31"),
    (datetime(2018, 3, 1, tzinfo=UTC), 825, "ballot 193"),
    # 39 and 60 months, each with its leap days.
    (datetime(2015, 4, 1, tzinfo=UTC), 1188, "Baseline Requirements section 6.3.2"),
    (datetime(2012, 7, 1, tzinfo=UTC), 1827, "Baseline Requirements section 6.3.2"),
)
_APPLE_DAYS = 825
_APPLE_SINCE = datetime(2019, 7, 1, tzinfo=UTC)


def public_limit(issued: datetime) -> tuple[int, str] | None:
    """Days a public certificate issued at `issued` may last, and who says so; None before 2012."""
    for since, days, source in _PUBLIC_LIMITS:
        if issued >= since:
            return days, source
    return None


def _is_under_public_limits(case: Case) -> bool:
    # A cloud product is to be given a public certificate, so there the limits hold for whatever
    # an authority issued. What is self-signed has other faults there.
    if case.environment is Environment.CLOUD:
        return not case.certificate.is_self_signed
    return case.by_public_rules


def _lasts_longer(certificate: Certificate, days: int) -> bool:
    # To the second the requirements count notAfter as well. One second more is no reason for a
    # client to refuse it, and is what many a tool makes of "200 days": another rule says it.
    return certificate.not_after - certificate.not_before > timedelta(days)


def _lifetime_too_long(case: Case) -> str | None:
    certificate = case.certificate
    limit = public_limit(certificate.not_before)
    if limit is None or not _lasts_longer(certificate, limit[0]):
        return None
    if not _is_under_public_limits(case):
        return None
    days, source = limit
    return (
        f"It is good for {_days(certificate)} days; issued on {day(certificate.not_before)}, a "
        f"public certificate may last {days} days at most ({source})."
    )


def _lifetime_second_over(case: Case) -> str | None:
    certificate = case.certificate
    limit = public_limit(certificate.not_before)
    lifetime = certificate.not_after - certificate.not_before
    if limit is None or lifetime != timedelta(limit[0]) or not _is_under_public_limits(case):
        return None
    return (
        f"It is good for {limit[0]} days and one second: its last second counts as well, and a "
        f"public certificate may last {limit[0]} days at most ({limit[1]})."
    )


def _lifetime_over_apple_limit(case: Case) -> str | None:
    certificate = case.certificate
    if certificate.not_before < _APPLE_SINCE or not _lasts_longer(certificate, _APPLE_DAYS):
        return None
    if _is_under_public_limits(case):
        return None
    return (
        f"It is good for {_days(certificate)} days: iPhones, iPads and Macs refuse certificates "
        f"for servers that last longer than {_APPLE_DAYS} days, those of a company's authority too."
    )


def _days(certificate: Certificate) -> int:
    return -((certificate.not_before - certificate.not_after) // timedelta(days=1))


LIFETIME_TOO_LONG = Rule(
    code="lifetime-too-long",
    family=Family.TIME,
    title="A public certificate lasts no longer than allowed on the day it was issued",
    severities=ERROR_EVERYWHERE,
    reference="CA/Browser Forum Baseline Requirements section 6.3.2; ballots 193, SC31, SC-081v3",
    remedy="Get a new one from the public authority, with a lifetime that is allowed now.",
    judge=_lifetime_too_long,
)

LIFETIME_SECOND_OVER = Rule(
    code="lifetime-second-over",
    family=Family.TIME,
    title="A public certificate does not last one second longer than allowed",
    severities=WARNING_EVERYWHERE,
    reference='CA/Browser Forum Baseline Requirements section 6.3.2: "a day is measured as 86,400 '
    'seconds"; RFC 5280 section 4.1.2.5: "through notAfter, inclusive"',
    remedy="Clients take it. Tell the authority: its rules may make it take the certificate back.",
    judge=_lifetime_second_over,
)

LIFETIME_OVER_APPLE_LIMIT = Rule(
    code="lifetime-over-825-days",
    family=Family.TIME,
    title="The certificate lasts 825 days at most",
    severities={Environment.TEST: Severity.NOTICE, Environment.PRODUCTION: Severity.WARNING},
    reference="Apple, Requirements for trusted certificates in iOS 13 and macOS 10.15 "
    "(support.apple.com/103769)",
    remedy="If such devices call this server, get one that lasts 825 days or less; it can be "
    "renewed by itself.",
    judge=_lifetime_over_apple_limit,
)
