"""Is the key one that clients accept, and that nobody can work out?"""

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from certwright.rules.case import Case
from certwright.rules.environment import Environment
from certwright.rules.family import Family
from certwright.rules.finding import Severity
from certwright.rules.rule import (
    ERROR_EVERYWHERE,
    NOTICE_EVERYWHERE,
    WARNING_EVERYWHERE,
    Objection,
    Rule,
)
from certwright.x509.certificate import Certificate
from certwright.x509.refusals import CURVES, SHORTEST_RSA_KEY
from certwright.x509.weak_keys import KeyWeakness, debian_list_entry, rsa_weakness

_LONGEST_RSA_KEY = 8192
_USUAL_EXPONENT = 65537
_LARGEST_EXPONENT = 2**32 - 1
_NEW_KEY = (
    "Make a new key (ECDSA P-256, or RSA with 2048 bits or more), and get a certificate for it."
)
_WEAKNESSES = {
    KeyWeakness.ROCA: "it was made by a faulty library (ROCA, CVE-2017-15361)",
    KeyWeakness.CLOSE_PRIMES: "its two primes are close together (CVE-2022-26320)",
    KeyWeakness.SMALL_FACTOR: "its modulus has a small factor",
}
_MADE_BY_DEBIAN = "it is one of the 32,767 that Debian's OpenSSL made until 2008 (CVE-2008-0166)"


def _rsa_numbers(case: Case) -> rsa.RSAPublicNumbers | None:
    key = case.certificate.public_key
    return key.public_numbers() if isinstance(key, rsa.RSAPublicKey) else None


def _rsa_key_too_short(case: Case) -> str | None:
    key = case.certificate.public_key
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size >= SHORTEST_RSA_KEY:
        return None
    return f"Its RSA key has {key.key_size} bits; clients demand {SHORTEST_RSA_KEY} at least."


def _rsa_key_very_long(case: Case) -> str | None:
    key = case.certificate.public_key
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size <= _LONGEST_RSA_KEY:
        return None
    return f"Its RSA key has {key.key_size} bits: handshakes are slow, and some clients refuse it."


def _rsa_exponent_low(case: Case) -> str | None:
    numbers = _rsa_numbers(case)
    if numbers is None or numbers.e >= _USUAL_EXPONENT:
        return None
    return f"The exponent of its RSA key is {numbers.e}; it should be {_USUAL_EXPONENT}."


def _rsa_exponent_unusable(case: Case) -> str | None:
    numbers = _rsa_numbers(case)
    if numbers is None or (numbers.e <= _LARGEST_EXPONENT and numbers.e % 2 and numbers.e > 1):
        return None
    return "The exponent of its RSA key is one that clients do not take (it has more than 32 bits)."


def _key_guessable(case: Case) -> str | None:
    numbers = _rsa_numbers(case)
    if numbers is None:
        return None
    weakness = rsa_weakness(numbers.n)
    if weakness is not None:
        return f"Anybody can work out its private key: {_WEAKNESSES[weakness]}."
    listed = case.requirement.debian_weak_keys
    if listed and debian_list_entry(numbers.n) in listed:
        return f"Anybody can work out its private key: {_MADE_BY_DEBIAN}."
    return None


def _curve_unusable(case: Case) -> str | None:
    key = case.certificate.public_key
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name in CURVES:
        return None
    return f"Its key is on the curve {key.curve.name}, which TLS clients do not take."


def _key_not_for_browsers(case: Case) -> str | None:
    key = case.certificate.public_key
    if case.certificate.has_pss_key:
        kind = "RSA for PSS signatures only"
    elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp521r1"
    ):
        kind = case.certificate.key_description
    else:
        return None
    return f"Its key is {kind}, which browsers do not take from a server."


def _key_shared(case: Case) -> str | Objection | None:
    for other in case.candidate.same_key:
        if other == case.certificate or not _are_strangers(case.certificate, other):
            continue
        whose = "the authority" if other.is_authority else "the certificate of"
        return f"Its private key is that of {whose} {other.short_name} too."
    return None


def _are_strangers(certificate: Certificate, other: Certificate) -> bool:
    # A renewal with the same key has a name in common; so has one with names added.
    return set(certificate.names).isdisjoint(other.names) and certificate.subject != other.subject


RSA_KEY_TOO_SHORT = Rule(
    code="rsa-key-too-short",
    family=Family.KEYS,
    title=f"An RSA key has {SHORTEST_RSA_KEY} bits or more",
    severities=ERROR_EVERYWHERE,
    reference="NIST SP 800-131A; CA/Browser Forum Baseline Requirements section 6.1.5",
    remedy=_NEW_KEY,
    judge=_rsa_key_too_short,
)

RSA_KEY_VERY_LONG = Rule(
    code="rsa-key-very-long",
    family=Family.KEYS,
    title=f"An RSA key has {_LONGEST_RSA_KEY} bits or less",
    severities=NOTICE_EVERYWHERE,
    reference="RFC 9325 section 4.5",
    remedy="An RSA key of 3072 bits, or ECDSA P-256, is strong enough and much faster.",
    judge=_rsa_key_very_long,
)

RSA_EXPONENT_LOW = Rule(
    code="rsa-exponent-low",
    family=Family.KEYS,
    title=f"The exponent of an RSA key is {_USUAL_EXPONENT} or more",
    severities=WARNING_EVERYWHERE,
    reference="NIST SP 800-89 section 5.3.3; CA/Browser Forum Baseline Requirements section 6.1.6",
    remedy=_NEW_KEY,
    judge=_rsa_exponent_low,
)

RSA_EXPONENT_UNUSABLE = Rule(
    code="rsa-exponent-unusable",
    family=Family.KEYS,
    title="The exponent of an RSA key is odd, and has 32 bits at most",
    severities=ERROR_EVERYWHERE,
    reference="RFC 8017 section 3.1; the system libraries of Windows keep 32 bits",
    remedy=_NEW_KEY,
    judge=_rsa_exponent_unusable,
)

KEY_GUESSABLE = Rule(
    code="key-guessable",
    family=Family.KEYS,
    title="The private key cannot be worked out",
    severities=ERROR_EVERYWHERE,
    reference="CA/Browser Forum Baseline Requirements sections 6.1.1.3 and 6.1.6; CVE-2017-15361; "
    "CVE-2022-26320; CVE-2008-0166",
    remedy="Take it out of use now. " + _NEW_KEY,
    judge=_key_guessable,
)

CURVE_UNUSABLE = Rule(
    code="curve-unusable",
    family=Family.KEYS,
    title="An elliptic curve key is on P-256, P-384 or P-521",
    severities=ERROR_EVERYWHERE,
    reference="RFC 8446 section 4.2.3; RFC 8422 section 5.1.1",
    remedy=_NEW_KEY,
    judge=_curve_unusable,
)

KEY_NOT_FOR_BROWSERS = Rule(
    code="key-not-for-browsers",
    family=Family.KEYS,
    title="The key is of a kind that browsers take: RSA, or ECDSA on P-256 or P-384",
    severities={
        Environment.TEST: Severity.WARNING,
        Environment.PRODUCTION: Severity.WARNING,
        Environment.CLOUD: Severity.ERROR,
    },
    reference="CA/Browser Forum Baseline Requirements section 6.1.5; Chromium offers no "
    "ecdsa_secp521r1_sha512, ed25519, ed448 or rsa_pss_pss_* (RFC 8446 section 4.2.3)",
    remedy=_NEW_KEY,
    judge=_key_not_for_browsers,
)

KEY_SHARED = Rule(
    code="key-shared",
    family=Family.KEYS,
    title="The key is used by this server's certificates only",
    severities={
        Environment.TEST: Severity.NOTICE,
        Environment.PRODUCTION: Severity.WARNING,
        Environment.CLOUD: Severity.WARNING,
    },
    reference="NIST SP 800-57 part 1 section 5.2: a key is used for one purpose only",
    remedy="Make a new key for each server: who gets hold of one of them can pass for both.",
    judge=_key_shared,
)
