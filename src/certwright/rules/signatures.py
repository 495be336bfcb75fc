"""Can nobody else have made the signatures?"""

from certwright.rules.case import Case
from certwright.rules.chain import chain_refusal
from certwright.rules.family import Family
from certwright.rules.rule import ERROR_EVERYWHERE, Objection, Rule
from certwright.x509.refusal import Cause
from certwright.x509.weak_signatures import has_weak_signature

_REFERENCE = "RFC 9155; RFC 6151; CA/Browser Forum Baseline Requirements section 7.1.3.2"


def _weak_signature(case: Case) -> str | None:
    certificate = case.certificate
    if not has_weak_signature(certificate):
        return None
    # A root is trusted for its key: nobody checks the signature on it.
    if certificate.is_authority and certificate.is_self_signed:
        return None
    return f"It is signed with {certificate.signature_algorithm}: such a signature can be forged."


def _weak_signature_in_chain(case: Case) -> Objection | None:
    return chain_refusal(case, Cause.WEAK_SIGNATURE)


def _signature_invalid(case: Case) -> Objection | None:
    return chain_refusal(case, Cause.BAD_SIGNATURE)


WEAK_SIGNATURE = Rule(
    code="weak-signature",
    family=Family.SIGNATURES,
    title="The certificate is signed with SHA-256 or better",
    severities=ERROR_EVERYWHERE,
    reference=_REFERENCE,
    remedy="Have its authority issue it anew, signed with SHA-256 or better.",
    judge=_weak_signature,
)

WEAK_SIGNATURE_IN_CHAIN = Rule(
    code="weak-signature-in-chain",
    family=Family.SIGNATURES,
    title="The authorities above it are signed with SHA-256 or better, but for the root",
    severities=ERROR_EVERYWHERE,
    reference=_REFERENCE,
    remedy="Get a certificate from an authority whose own is signed with SHA-256 or better.",
    judge=_weak_signature_in_chain,
)

SIGNATURE_INVALID = Rule(
    code="signature-invalid",
    family=Family.SIGNATURES,
    title="Every signature is the one that its issuer made",
    severities=ERROR_EVERYWHERE,
    reference="RFC 5280 section 6.1.3 (a) (1)",
    remedy="Export it again where it was issued, or get a new one.",
    judge=_signature_invalid,
)
