"""Private and public keys: made, named, written and read."""

from enum import StrEnum
from hashlib import sha256

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from certwright.errors import CertwrightError, ErrorCode

PrivateKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
)
PublicKey = (
    rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey
)

KEY_ERRORS = (ValueError, TypeError, UnsupportedAlgorithm, InternalError)
"""What the library raises on keys that are none; the last on an Ed448 key of 32 octets."""

_USABLE_KEYS = "Use an RSA, ECDSA or Ed25519 key, in a PFX file or as PKCS#8 in PEM."
_CURVE_TITLES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


class KeyType(StrEnum):
    """The kinds of key that can be made."""

    EC_P256 = "ec-p256"
    EC_P384 = "ec-p384"
    RSA_2048 = "rsa-2048"
    RSA_3072 = "rsa-3072"
    RSA_4096 = "rsa-4096"


def generate_private_key(key_type: KeyType) -> PrivateKey:
    """A new key from the system's randomness."""
    match key_type:
        case KeyType.EC_P256:
            return ec.generate_private_key(ec.SECP256R1())
        case KeyType.EC_P384:
            return ec.generate_private_key(ec.SECP384R1())
        case KeyType.RSA_2048 | KeyType.RSA_3072 | KeyType.RSA_4096:
            bits = int(key_type.removeprefix("rsa-"))
            return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def key_type_like(public: PublicKey) -> KeyType:
    """The kind of key to make where one like `public` is to be replaced, never a weaker one."""
    if isinstance(public, rsa.RSAPublicKey):
        if public.key_size <= 2048:
            return KeyType.RSA_2048
        return KeyType.RSA_3072 if public.key_size <= 3072 else KeyType.RSA_4096
    if isinstance(public, ec.EllipticCurvePublicKey) and public.curve.key_size > 256:
        return KeyType.EC_P384
    return KeyType.EC_P256


def key_fingerprint(public: PublicKey) -> str:
    """Lower-case hex SHA-256 of the SubjectPublicKeyInfo in DER: the same key, the same text."""
    return sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def private_key_to_der(key: PrivateKey) -> bytes:
    """PKCS#8 in DER, not encrypted."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def private_key_to_pem(key: PrivateKey) -> str:
    """PKCS#8 in PEM, not encrypted."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def private_key_from_der(der: bytes) -> PrivateKey:
    """Read what `private_key_to_der` wrote; raises UNREADABLE_CERTIFICATE for anything else."""
    try:
        # Checked when it came in; checking RSA 4096 takes the library 0.25 s each time.
        key = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    except KEY_ERRORS:
        raise unreadable_key() from None
    return accept_private_key(key)


def accept_private_key(key: object, where: str = "The private key") -> PrivateKey:
    """`key` if it is of a kind that a server can use, else UNREADABLE_CERTIFICATE."""
    if isinstance(key, PrivateKey):
        return key
    raise unusable_key(type(key).__name__.removesuffix("PrivateKey").upper(), where)


def unusable_key(kind: str, where: str) -> CertwrightError:
    """The error for a private key of a kind that is not for TLS."""
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE,
        f"{where} is of the kind {kind}, which is not for TLS certificates.",
        _USABLE_KEYS,
    )


def unreadable_key(
    where: str = "The private key", why: str = "it is damaged, or of a kind that is not known here"
) -> CertwrightError:
    """The error for a private key that cannot be read."""
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE, f"{where} cannot be read: {why}.", _USABLE_KEYS
    )


def describe_key(public: object) -> str:
    """The algorithm and size as a person says it: "ECDSA P-256", "RSA 2048"."""
    match public:
        case rsa.RSAPublicKey():
            return f"RSA {public.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"ECDSA {_CURVE_TITLES.get(public.curve.name, public.curve.name)}"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case ed448.Ed448PublicKey():
            return "Ed448"
        case _:
            return "another algorithm"
