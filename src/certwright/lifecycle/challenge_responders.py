"""Proofs for authorities that look at this node: answers of the app, certificates of the front."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine

from certwright.authorities.acme.challenge_answers import forget_answer, keep_answer
from certwright.authorities.acme.challenges import Challenge, ChallengeKind, Responder
from certwright.authorities.acme.settings import AcmeSettings
from certwright.authorities.acme.validation_certificate import build_validation_certificate
from certwright.database.encryption import KeyEncryptionKey
from certwright.front.validation import ClearValidation, TlsValidation, Validation
from certwright.x509.keys import KeyType, generate_private_key

_SERIAL_BYTES = 16


class ValidationFront(Protocol):
    """A front through which authorities look; each call is idempotent."""

    def check_validation_port(self, port: int, *, encrypted: bool) -> None:
        """Raise `CertwrightError` if another program has the port, or the node may not have it."""
        ...

    def begin_validation(self, validation: Validation) -> None:
        """Let an authority look, and return when it can."""
        ...

    def end_validation(self, token: str) -> None:
        """Let nobody look any more."""
        ...


@dataclass(frozen=True)
class HttpResponder:
    """Answers http-01 at `port` (RFC 8555 8.3)."""

    database: Engine
    key: KeyEncryptionKey
    front: ValidationFront
    port: int
    now: Callable[[], datetime]

    def prepare(self) -> None:
        """See that the port can be had; raises PORT_IN_USE or NOT_PERMITTED."""
        self.front.check_validation_port(self.port, encrypted=False)

    def respond(self, challenge: Challenge) -> None:
        """Let the answer be found; raises as `prepare`, or FRONT_FAILED."""
        with self.database.begin() as connection:
            keep_answer(connection, self.key, challenge, self.now())
        self.front.begin_validation(ClearValidation(self.port, challenge.token))

    def withdraw(self, challenge: Challenge) -> None:
        """Let it be found no more; raises FRONT_FAILED."""
        self.front.end_validation(challenge.token)
        with self.database.begin() as connection:
            forget_answer(connection, challenge)


@dataclass(frozen=True)
class TlsResponder:
    """Answers tls-alpn-01 at `port` (RFC 8737), for addresses too (RFC 8738)."""

    front: ValidationFront
    port: int
    random: Callable[[int], bytes]
    now: Callable[[], datetime]

    def prepare(self) -> None:
        """See that the port can be had; raises PORT_IN_USE or NOT_PERMITTED."""
        self.front.check_validation_port(self.port, encrypted=True)

    def respond(self, challenge: Challenge) -> None:
        """Show the certificate with the proof; raises as `prepare`, or FRONT_FAILED."""
        key = generate_private_key(KeyType.EC_P256)
        # RFC 5280 4.1.2.2: positive, and of 20 bytes at most.
        serial = int.from_bytes(self.random(_SERIAL_BYTES)) | 1
        made = build_validation_certificate(challenge, key, serial, self.now())
        self.front.begin_validation(
            TlsValidation(
                self.port, challenge.token, challenge.server_name, made.chain_pem, made.key_pem
            )
        )

    def withdraw(self, challenge: Challenge) -> None:
        """Show it no more; raises FRONT_FAILED."""
        self.front.end_validation(challenge.token)


@dataclass(frozen=True)
class ChallengeResponders:
    """Makes the responder that an authority's settings name, but for dns-01."""

    database: Engine
    key: KeyEncryptionKey
    front: ValidationFront
    random: Callable[[int], bytes]
    now: Callable[[], datetime]

    def __call__(self, settings: AcmeSettings) -> Responder:
        """The responder for http-01 or tls-alpn-01."""
        if settings.challenge is ChallengeKind.TLS_ALPN_01:
            return TlsResponder(self.front, settings.tls_port, self.random, self.now)
        return HttpResponder(self.database, self.key, self.front, settings.http_port, self.now)
