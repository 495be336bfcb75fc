"""Proofs put up by a node: in its database, and through its front."""

import os
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from cryptography import x509
from sqlalchemy import Engine

from certwright.authorities.acme.challenge_answers import find_answer
from certwright.authorities.acme.challenges import Challenge, ChallengeKind
from certwright.authorities.acme.settings import AcmeSettings
from certwright.authorities.acme.validation_certificate import ACME_IDENTIFIER
from certwright.database.encryption import KEY_LENGTH, KeyEncryptionKey
from certwright.errors import CertwrightError, ErrorCode
from certwright.front.validation import ClearValidation, TlsValidation, Validation
from certwright.lifecycle.challenge_responders import ChallengeResponders
from certwright.x509.names import parse_server_name

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEY = KeyEncryptionKey(bytes(KEY_LENGTH))
HTTP, TLS = ChallengeKind.HTTP_01, ChallengeKind.TLS_ALPN_01


@dataclass
class RecordingFront:
    """Says what it was asked for."""

    asked: list[object] = field(default_factory=list)
    begun: list[Validation] = field(default_factory=list)
    refusal: CertwrightError | None = None

    def check_validation_port(self, port: int, *, encrypted: bool) -> None:
        self.asked.append((port, encrypted))

    def begin_validation(self, validation: Validation) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.begun.append(validation)

    def end_validation(self, token: str) -> None:
        self.asked.append(token)


@pytest.fixture
def front() -> RecordingFront:
    return RecordingFront()


@pytest.fixture
def responders(database: Engine, front: RecordingFront) -> ChallengeResponders:
    return ChallengeResponders(database, KEY, front, os.urandom, lambda: NOW)


def settings(kind: ChallengeKind) -> AcmeSettings:
    return AcmeSettings("letsencrypt", kind, http_port=5002, tls_port=5001)


def challenge(kind: ChallengeKind, name: str = "todd.corp.example") -> Challenge:
    return Challenge(kind, parse_server_name(name), "token", "token.thumb")


def answer(database: Engine) -> str | None:
    with database.connect() as connection:
        return find_answer(connection, KEY, "token")


def test_http_01_is_answered_from_the_database_at_the_authoritys_port(
    database: Engine, front: RecordingFront, responders: ChallengeResponders
) -> None:
    responder = responders(settings(HTTP))
    responder.prepare()
    assert front.asked == [(5002, False)]
    responder.respond(challenge(HTTP))
    responder.respond(challenge(HTTP))
    assert set(front.begun) == {ClearValidation(5002, "token")}
    assert answer(database) == "token.thumb"
    responder.withdraw(challenge(HTTP))
    assert front.asked[-1] == "token"
    assert answer(database) is None


@pytest.mark.parametrize(
    ("name", "asked_for"),
    [
        ("todd.corp.example", "todd.corp.example"),
        ("192.0.2.7", "7.2.0.192.in-addr.arpa"),
        ("2001:db8::7", "7" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa"),
    ],
)
def test_tls_alpn_01_is_shown_with_a_certificate_for_the_name_asked_for(
    front: RecordingFront, responders: ChallengeResponders, name: str, asked_for: str
) -> None:
    responder = responders(settings(TLS))
    responder.prepare()
    assert front.asked == [(5001, True)]
    responder.respond(challenge(TLS, name))
    (shown,) = front.begun
    assert isinstance(shown, TlsValidation)
    assert (shown.port, shown.token, shown.server_name) == (5001, "token", asked_for)
    certificate = x509.load_der_x509_certificate(ssl.PEM_cert_to_DER_cert(shown.certificate_pem))
    assert certificate.extensions.get_extension_for_oid(ACME_IDENTIFIER).critical
    assert 0 < certificate.serial_number < 1 << 159
    responder.withdraw(challenge(TLS, name))
    assert front.asked[-1] == "token"


@pytest.mark.parametrize("kind", [HTTP, TLS])
def test_a_front_that_refuses_is_told_as_it_said_it(
    front: RecordingFront, responders: ChallengeResponders, kind: ChallengeKind
) -> None:
    front.refusal = CertwrightError(ErrorCode.PORT_IN_USE, "Port 80 is in use.", "Stop nginx.")
    with pytest.raises(CertwrightError, match=r"Port 80 is in use\."):
        responders(settings(kind)).respond(challenge(kind))
