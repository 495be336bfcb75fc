"""Is the certificate's own private key there, and may the service read it?"""

from certwright.rules.case import Case
from certwright.rules.family import Family
from certwright.rules.rule import ERROR_EVERYWHERE, Objection, Rule
from certwright.x509.text import listed


def _private_key_missing(case: Case) -> str | None:
    return None if case.candidate.has_private_key else "Its private key is not here."


def _key_mismatch(case: Case) -> str | None:
    fingerprint = case.candidate.private_key_fingerprint
    if fingerprint is None or fingerprint == case.certificate.key_fingerprint:
        return None
    return "The private key beside it belongs to another certificate."


def _private_key_unreadable(case: Case) -> Objection | None:
    access = case.candidate.key_access
    if access is None or access.readable or not case.candidate.has_private_key:
        return None
    others = f"; {listed(access.others_who_can)} may" if access.others_who_can else ""
    return Objection(
        f"The service runs as {access.account}, which may not read its private key{others}.",
        f"Give {access.account} the right Read on the private key, then restart the service.",
    )


PRIVATE_KEY_MISSING = Rule(
    code="private-key-missing",
    family=Family.KEY_ACCESS,
    title="The private key is there",
    severities=ERROR_EVERYWHERE,
    reference="RFC 8446 section 4.4.3: the server signs the handshake with it",
    remedy="Import it again from a PFX file, or from PEM together with its private key.",
    judge=_private_key_missing,
)

KEY_MISMATCH = Rule(
    code="key-mismatch",
    family=Family.KEY_ACCESS,
    title="The private key is the certificate's own",
    severities=ERROR_EVERYWHERE,
    reference="RFC 8446 section 4.4.3: the signature must verify with the certificate's key",
    remedy="Import the certificate together with the private key that its request was made with.",
    judge=_key_mismatch,
)

PRIVATE_KEY_UNREADABLE = Rule(
    code="private-key-unreadable",
    family=Family.KEY_ACCESS,
    title="The service's account may read the private key",
    severities=ERROR_EVERYWHERE,
    reference="The product's requirement: the service account has Read on the private key",
    remedy="Give the service's account the right Read on the private key.",
    judge=_private_key_unreadable,
)
