"""What each challenge wants to be found, and where."""

from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography import x509

from certwright.authorities.acme.challenges import (
    Challenge,
    ChallengeKind,
    challenge_from_json,
    challenge_to_json,
)
from certwright.authorities.acme.validation_certificate import (
    ACME_IDENTIFIER,
    build_validation_certificate,
)
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name
from certwright.x509.pem import read_pem_certificates

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
TOKEN = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"
AUTHORIZATION = f"{TOKEN}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"


def challenge(kind: ChallengeKind, name: str) -> Challenge:
    return Challenge(kind, parse_server_name(name), TOKEN, AUTHORIZATION)


def test_http_01_is_found_below_its_well_known_path() -> None:
    made = challenge(ChallengeKind.HTTP_01, "todd.corp.example")
    assert made.path == f"/.well-known/acme-challenge/{TOKEN}"


def test_dns_01_is_the_hash_of_the_key_authorization() -> None:
    made = challenge(ChallengeKind.DNS_01, "todd.corp.example")
    assert made.record_name == "_acme-challenge.todd.corp.example"
    assert urlsafe_b64decode(f"{made.record_value}=") == sha256(AUTHORIZATION.encode()).digest()


@pytest.mark.parametrize(
    ("name", "server_name"),
    [
        ("todd.corp.example", "todd.corp.example"),
        ("192.0.2.7", "7.2.0.192.in-addr.arpa"),
        (
            "2001:db8::7",
            "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
        ),
    ],
)
def test_tls_alpn_01_is_asked_for_by_name_or_by_the_addresses_reverse(
    name: str, server_name: str
) -> None:
    assert challenge(ChallengeKind.TLS_ALPN_01, name).server_name == server_name


@pytest.mark.parametrize("name", ["todd.corp.example", "192.0.2.7", "2001:db8::7"])
@pytest.mark.parametrize("key_type", [KeyType.EC_P256, KeyType.RSA_2048])
def test_the_validation_certificate_has_the_one_name_and_the_critical_proof(
    name: str, key_type: KeyType
) -> None:
    key = generate_private_key(key_type)
    made = build_validation_certificate(challenge(ChallengeKind.TLS_ALPN_01, name), key, 4711, NOW)
    (certificate,) = read_pem_certificates(made.chain_pem.encode())
    assert certificate.names == (name,)
    assert certificate.is_self_signed
    assert certificate.not_before < NOW < certificate.not_after
    proof = certificate.cryptography.extensions.get_extension_for_oid(ACME_IDENTIFIER)
    assert proof.critical
    assert isinstance(proof.value, x509.UnrecognizedExtension)
    # DER: an OCTET STRING of 32 octets (RFC 8737 3).
    assert proof.value.value == b"\x04\x20" + sha256(AUTHORIZATION.encode()).digest()
    assert Certificate.from_der(certificate.der) == certificate
    assert "PRIVATE KEY" in made.key_pem
    assert "PRIVATE KEY" not in repr(made)


@pytest.mark.parametrize("kind", ChallengeKind)
def test_a_challenge_comes_back_from_what_is_remembered(kind: ChallengeKind) -> None:
    made = challenge(kind, "192.0.2.7")
    assert challenge_from_json(challenge_to_json(made)) == made
