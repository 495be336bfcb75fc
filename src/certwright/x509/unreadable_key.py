"""Why a private key cannot be read, as exactly as the bytes tell."""

from cryptography.hazmat.primitives.asymmetric.ec import get_curve_for_oid
from cryptography.x509 import ObjectIdentifier

from certwright.errors import CertwrightError
from certwright.x509.ber import (
    CONTEXT_0,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    BerError,
    Element,
    first_flaw,
    parse_ber,
)
from certwright.x509.keys import unreadable_key, unusable_key

_ELLIPTIC = "1.2.840.10045.2.1"
_USABLE = frozenset(
    {"1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", _ELLIPTIC, "1.3.101.112", "1.3.101.113"}
)
"""RSA, RSASSA-PSS, elliptic curves, Ed25519 and Ed448."""
_OTHERS = {
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.113549.1.3.1": "DH",
    "1.2.840.10046.2.1": "DH",
    "2.16.840.1.101.3.4.3.17": "MLDSA44",
    "2.16.840.1.101.3.4.3.18": "MLDSA65",
    "2.16.840.1.101.3.4.3.19": "MLDSA87",
}
_VERSIONS = (0, 1)
"""PKCS#8 and PKCS#1 (RFC 5958 2, RFC 8017 A.1.2); SEC 1 has the latter only (RFC 5915 3)."""


def key_refusal(der: bytes, where: str) -> CertwrightError:
    """The error for the key `der` that the library does not read; `where` is how it is named."""
    flaw = first_flaw(der)
    if flaw is not None:
        return unreadable_key(
            where, f"it is damaged at byte {flaw.position:,}, where {flaw.reason}"
        )
    try:
        return _refusal(parse_ber(der).children, where)
    except BerError:
        return unreadable_key(where)


def _refusal(parts: tuple[Element, ...], where: str) -> CertwrightError:
    tags = tuple(part.tag for part in parts)
    if parts and parts[0].number not in _VERSIONS:
        return unreadable_key(where, "it is of a version that is not known here, or damaged")
    if tags[:3] == (INTEGER, SEQUENCE, OCTET_STRING):
        return _pkcs8_refusal(parts[1], where)
    if tags[:2] == (INTEGER, OCTET_STRING):
        parameters = next((part for part in parts if part.tag == CONTEXT_0), None)
        curve = parameters.children[0] if parameters and parameters.children else None
        return unreadable_key(where, _why_not_on(curve))
    return unreadable_key(where)


def _pkcs8_refusal(algorithm: Element, where: str) -> CertwrightError:
    identifier = algorithm.children[0].identifier if algorithm.children else ""
    if identifier in _OTHERS:
        return unusable_key(_OTHERS[identifier], where)
    if identifier not in _USABLE:
        return unreadable_key(where, f"it is of a kind that is not known here ({identifier})")
    if identifier == _ELLIPTIC:
        parameters = algorithm.children[1] if len(algorithm.children) > 1 else None
        return unreadable_key(where, _why_not_on(parameters))
    return unreadable_key(where, "its numbers are damaged")


def _why_not_on(curve: Element | None) -> str:
    if curve is None:
        return "it does not say which elliptic curve it is on"
    if curve.tag != OBJECT_IDENTIFIER:
        return "its elliptic curve is told by numbers, and not one that is known here"
    try:
        get_curve_for_oid(ObjectIdentifier(curve.identifier))
    except (LookupError, ValueError):
        return f"its elliptic curve is not known here ({curve.identifier})"
    return "its numbers are damaged, or do not belong to its elliptic curve"
