from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.keys import (
    KeyType,
    describe_key,
    generate_private_key,
    key_fingerprint,
    private_key_from_der,
    private_key_to_der,
    private_key_to_pem,
)

DESCRIPTIONS = {
    KeyType.EC_P256: "ECDSA P-256",
    KeyType.EC_P384: "ECDSA P-384",
    KeyType.RSA_2048: "RSA 2048",
    KeyType.RSA_3072: "RSA 3072",
    KeyType.RSA_4096: "RSA 4096",
}


@pytest.mark.parametrize("key_type", list(KeyType))
def test_key_survives_writing_and_reading(key_type: KeyType) -> None:
    key = generate_private_key(key_type)
    again = private_key_from_der(private_key_to_der(key))
    assert key_fingerprint(again.public_key()) == key_fingerprint(key.public_key())
    assert describe_key(again.public_key()) == DESCRIPTIONS[key_type]
    assert private_key_to_pem(key).startswith("-----BEGIN PRIVATE KEY-----\n")


def test_fingerprint_is_of_the_public_half() -> None:
    public = generate_private_key(KeyType.EC_P256).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert key_fingerprint(public) == sha256(der).hexdigest()


@pytest.mark.parametrize(
    ("public", "description"),
    [
        (ed25519.Ed25519PrivateKey.generate().public_key(), "Ed25519"),
        (ed448.Ed448PrivateKey.generate().public_key(), "Ed448"),
        (ec.generate_private_key(ec.SECP521R1()).public_key(), "ECDSA P-521"),
        (ec.generate_private_key(ec.BrainpoolP256R1()).public_key(), "ECDSA brainpoolP256r1"),
        (dsa.generate_private_key(2048).public_key(), "another algorithm"),
    ],
)
def test_description(public: object, description: str) -> None:
    assert describe_key(public) == description


def test_key_that_no_server_uses_is_refused() -> None:
    der = x25519.X25519PrivateKey.generate().private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    with pytest.raises(CertwrightError) as caught:
        private_key_from_der(der)
    assert caught.value.code == ErrorCode.UNREADABLE_CERTIFICATE


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"key"])
def test_what_is_no_key_is_refused(data: bytes) -> None:
    with pytest.raises(CertwrightError) as caught:
        private_key_from_der(data)
    assert caught.value.code == ErrorCode.UNREADABLE_CERTIFICATE
