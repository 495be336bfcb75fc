"""Signatures that can be forged, as their digest can be led to a collision."""

from certwright.x509.certificate import Certificate
from certwright.x509.refusal import Cause, Refusal

_WEAK_DIGESTS = ("sha1", "md5", "md2")
_KNOWN_DIGESTS = ("sha256", "sha384", "sha512")
"""RFC 8446 4.2.3."""


def has_weak_signature(certificate: Certificate) -> bool:
    """Whether the digest under its signature is one that can be forged."""
    algorithm = certificate.signature_algorithm.lower().replace("-", "")
    digest = certificate.signature_digest
    return any(weak in algorithm or weak == digest for weak in _WEAK_DIGESTS)


def has_unusual_signature(certificate: Certificate) -> bool:
    """Whether the digest under its signature is one that TLS clients do not know, such as SHA-3."""
    digest = certificate.signature_digest
    return bool(digest) and digest not in _KNOWN_DIGESTS and not has_weak_signature(certificate)


def weakly_signed(certificate: Certificate) -> Refusal:
    """The fault of `certificate`, whose signature is weak."""
    return Refusal(
        Cause.WEAK_SIGNATURE,
        certificate,
        f"{certificate.short_name} is signed with {certificate.signature_algorithm}: too weak.",
        "Have its authority issue it anew, signed with SHA-256 or better.",
    )
