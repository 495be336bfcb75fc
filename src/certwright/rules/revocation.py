"""Has its authority taken the certificate back? Asked elsewhere, judged here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from certwright.x509.revocation_answer import RevocationState


@dataclass(frozen=True)
class Revocation:
    """The answer to one question, or why there is none.

    `reason` is the RFC 5280 name ("keyCompromise"), None if none was given; `revoked_at` is UTC.
    `failure` is a sentence that says why the state is UNKNOWN, None if the authority itself said
    so.
    """

    state: RevocationState
    source: Literal["OCSP", "CRL"]
    reason: str | None
    revoked_at: datetime | None
    failure: str | None
