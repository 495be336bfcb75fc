"""What is judged, and what it is judged against."""

from dataclasses import dataclass
from datetime import datetime

from certwright.rules.environment import Environment
from certwright.x509.certificate import Certificate
from certwright.x509.names import ServerName


@dataclass(frozen=True)
class Candidate:
    """A certificate that a server might use, with what is at hand beside it.

    `chain` are other certificates at hand, its issuers among them, in any order.
    `private_key_fingerprint` is the SHA-256 of the public half (hex) of the private key that is
    there, None if there is none or it cannot be looked at.
    """

    certificate: Certificate
    chain: tuple[Certificate, ...]
    has_private_key: bool
    private_key_fingerprint: str | None


@dataclass(frozen=True)
class Requirement:
    """What a server demands: its names, each to be covered, the first also as Common Name.

    `at` is the moment to judge at (UTC), `trusted_roots` those a chain may end in,
    `public_roots` those that everybody trusts.
    """

    names: tuple[ServerName, ...]
    environment: Environment
    at: datetime
    trusted_roots: tuple[Certificate, ...]
    public_roots: tuple[Certificate, ...]
