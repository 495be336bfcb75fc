"""One fault for which a chain is refused."""

from dataclasses import dataclass
from enum import StrEnum

from certwright.x509.certificate import Certificate


class Cause(StrEnum):
    """What kind of fault it is."""

    NAME = "name"
    DATES = "dates"
    ISSUER_MISSING = "issuer-missing"
    OTHER_ISSUER = "other-issuer"
    BAD_SIGNATURE = "bad-signature"
    UNTRUSTED_ROOT = "untrusted-root"
    SELF_SIGNED = "self-signed"
    NO_AUTHORITY = "no-authority"
    PATH_LENGTH = "path-length"
    NAME_CONSTRAINTS = "name-constraints"
    NOT_FOR_SERVERS = "not-for-servers"
    NOT_FOR_CLIENTS = "not-for-clients"
    WEAK_KEY = "weak-key"
    UNUSUAL_KEY = "unusual-key"
    WEAK_SIGNATURE = "weak-signature"
    DAMAGED = "damaged"
    CRITICAL_EXTENSION = "critical-extension"
    POLICIES = "policies"
    LOOSE_LIMITS = "loose-limits"
    OLD_FORMAT = "old-format"
    STRICT = "strict"


@dataclass(frozen=True)
class Refusal:
    """One fault of one link; `remedy` is a sentence too."""

    cause: Cause
    certificate: Certificate
    sentence: str
    remedy: str
