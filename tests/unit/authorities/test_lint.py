"""The last look before signing: each mistake a certificate could have is refused by name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certwright.authorities.authority import request_for
from certwright.authorities.lint import lint_certificate
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.building import authority_key_identifier, build_root
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ISSUER_KEY = generate_private_key(KeyType.EC_P256)
ISSUER = build_root("Issuer", "Test", ISSUER_KEY, not_before=NOW, days=100, serial=1)
STRANGER = build_root(
    "Stranger", "Test", generate_private_key(KeyType.EC_P256), not_before=NOW, days=100, serial=2
)
KEY = ec.generate_private_key(ec.SECP256R1())
REQUEST = request_for(KEY, (parse_server_name("todd.corp.example"),), timedelta(days=47), "ada")

RIGHT: dict[str, Any] = {
    "names": ["todd.corp.example"],
    "key": KEY,
    "is_authority": False,
    "usages": [ExtendedKeyUsageOID.SERVER_AUTH],
    "serial": 1 << 158,
    "not_before": NOW,
    "not_after": NOW + timedelta(days=47),
    "pointer": ISSUER,
    "issuer": ISSUER,
}


def twin(**changes: Any) -> Certificate:
    """A certificate that is right but for `changes`, signed with a throw-away key."""
    made = RIGHT | changes
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "todd.corp.example")]))
        .issuer_name(made["issuer"].cryptography.subject)
        .public_key(made["key"].public_key())
        .serial_number(made["serial"])
        .not_valid_before(made["not_before"])
        .not_valid_after(made["not_after"])
        .add_extension(x509.BasicConstraints(made["is_authority"], None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in made["names"]]), False
        )
        .add_extension(authority_key_identifier(made["pointer"]), critical=False)
    )
    if made["usages"]:
        builder = builder.add_extension(x509.ExtendedKeyUsage(made["usages"]), critical=False)
    return Certificate.from_cryptography(
        builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )


def test_a_right_twin_passes() -> None:
    lint_certificate(twin(), REQUEST, ISSUER)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"names": ["evil.example"]}, "its names differ"),
        ({"names": ["todd.corp.example", "evil.example"]}, "its names differ"),
        ({"names": ["*.corp.example"]}, "its names differ"),
        ({"key": ec.generate_private_key(ec.SECP256R1())}, "its key differs"),
        ({"is_authority": True}, "it could issue certificates itself"),
        (
            {"usages": [ExtendedKeyUsageOID.CLIENT_AUTH]},
            "it is for something else than was asked for",
        ),
        (
            {"usages": [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]},
            "it is for something else than was asked for",
        ),
        ({"usages": []}, "it is for something else than was asked for"),
        ({"not_after": ISSUER.not_after + timedelta(seconds=1)}, "it would outlive its issuer"),
        ({"not_before": ISSUER.not_before - timedelta(seconds=1)}, "it would outlive its issuer"),
        ({"pointer": STRANGER}, "it does not point to its issuer's key"),
        ({"issuer": STRANGER}, "its issuer's name differs"),
    ],
)
def test_each_mistake_is_refused_by_name(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CertwrightError) as error:
        lint_certificate(twin(**changes), REQUEST, ISSUER)
    assert error.value.code is ErrorCode.INTERNAL
    assert error.value.message == f"The certificate was not signed: {sentence}."


def test_serial_number_of_exactly_twenty_octets_passes() -> None:
    lint_certificate(twin(serial=(1 << 159) - 1), REQUEST, ISSUER)


def test_all_mistakes_are_told_at_once() -> None:
    wrong = twin(names=["evil.example"], is_authority=True)
    with pytest.raises(CertwrightError) as error:
        lint_certificate(wrong, REQUEST, ISSUER)
    assert "its names differ; it could issue certificates itself" in error.value.message
