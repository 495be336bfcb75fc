"""Has its authority taken the certificate back? Judged only where that was asked."""

from certwright.rules.case import Case
from certwright.rules.family import Family
from certwright.rules.rule import ERROR_EVERYWHERE, WARNING_EVERYWHERE, Rule
from certwright.x509.revocation_answer import RevocationState
from certwright.x509.text import day

_REFERENCE = "RFC 5280 section 6.3; RFC 6960 section 2.2"


def _revoked(case: Case) -> str | None:
    revocation = case.candidate.revocation
    if revocation is None or revocation.state is not RevocationState.REVOKED:
        return None
    since = f" on {day(revocation.revoked_at)}" if revocation.revoked_at else ""
    reason = f", reason {revocation.reason}" if revocation.reason else ""
    return f"Its authority revoked it{since}{reason} (says its {revocation.source})."


def _revocation_unknown(case: Case) -> str | None:
    revocation = case.candidate.revocation
    if revocation is None or revocation.state is not RevocationState.UNKNOWN:
        return None
    if revocation.failure is None:
        return f"Its authority does not know it (says its {revocation.source})."
    return f"Whether it was revoked could not be found out. {revocation.failure}"


REVOKED = Rule(
    code="revoked",
    family=Family.REVOCATION,
    title="The certificate has not been revoked",
    severities=ERROR_EVERYWHERE,
    reference=_REFERENCE,
    remedy="Select another one, or get a new one; with a new key if this one was compromised.",
    judge=_revoked,
)

REVOCATION_UNKNOWN = Rule(
    code="revocation-unknown",
    family=Family.REVOCATION,
    title="Whether the certificate was revoked can be found out",
    severities=WARNING_EVERYWHERE,
    reference=_REFERENCE,
    remedy="Look whether its authority's addresses for OCSP and CRL can be reached from here, and "
    "ask again; those inside your own network are asked only where that is allowed.",
    judge=_revocation_unknown,
)
