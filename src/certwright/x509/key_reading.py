"""Private keys in the forms that files hold them: PKCS#8, PKCS#1 and SEC1, encrypted or not."""

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.ber import BerError, Element
from certwright.x509.certificate import reading_oddities
from certwright.x509.derivation import Budget
from certwright.x509.keys import KEY_ERRORS, PrivateKey, accept_private_key, unreadable_key
from certwright.x509.password import Secret
from certwright.x509.password_encryption import (
    DoesNotOpenError,
    UnknownEncryptionError,
    decrypt,
)
from certwright.x509.unreadable_key import key_refusal

_LARGEST_RSA = 16_384
"""Bits; OpenSSL does no more with a public key either (OPENSSL_RSA_MAX_MODULUS_BITS)."""


def read_private_key_der(der: bytes, budget: Budget, where: str) -> PrivateKey:
    """A key that is not encrypted; raises UNREADABLE_CERTIFICATE that names `where`, TOO_LARGE."""
    try:
        with reading_oddities():
            key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    except KEY_ERRORS:
        raise key_refusal(der, where) from None
    return checked_key(key, budget, where)


def checked_key(key: Any, budget: Budget, where: str) -> PrivateKey:
    """`key` if a server can use it and it is whole, else UNREADABLE_CERTIFICATE.

    The library's own check of an RSA key looks whether its two factors are primes, which takes
    4 s for 8192 bits and half a minute for a forged one of a million. Whether the key's numbers
    belong together shows at once by a signature.
    """
    accepted = accept_private_key(key, where)
    if isinstance(accepted, RSAPrivateKey):
        _check_rsa(accepted, budget, where)
    return accepted


def decrypt_private_key(
    outline: Element, secrets: tuple[Secret, ...], budget: Budget, where: str
) -> PrivateKey:
    """The key in EncryptedPrivateKeyInfo (RFC 5958 3).

    Raises `DoesNotOpenError` if no one of `secrets` opens it, UNREADABLE_CERTIFICATE, TOO_LARGE.
    """
    try:
        algorithm, encrypted = outline.children
        for secret in secrets:
            try:
                der = decrypt(algorithm, encrypted.octets, secret, budget)
            except DoesNotOpenError:
                continue
            return read_private_key_der(der, budget, where)
    except UnknownEncryptionError as error:
        raise unknown_encryption(where, error) from None
    except (BerError, ValueError):
        raise unreadable_key(where, "what tells of its encryption is damaged") from None
    raise DoesNotOpenError


def unknown_encryption(where: str, error: UnknownEncryptionError) -> CertwrightError:
    """The error for what is encrypted by an algorithm that is not known here."""
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE,
        f"{where} is encrypted in a way that is not known here ({error}).",
        "Export it again with AES-256, or with the format's older 3DES.",
    )


def _check_rsa(key: RSAPrivateKey, budget: Budget, where: str) -> None:
    bits = key.key_size
    if bits > _LARGEST_RSA:
        raise CertwrightError(
            ErrorCode.TOO_LARGE,
            f"{where} is an RSA key of {bits:,} bits; {_LARGEST_RSA:,} are the most.",
            "Use an RSA key of 2048 to 4096 bits, or an ECDSA key.",
        )
    # A signature takes time by the third power of the size; 16,384 bits take 0.3 s.
    budget.spend((bits // 1024) ** 3 * 384 + 256)
    numbers = key.private_numbers()
    public = numbers.public_numbers
    is_whole = (
        numbers.p * numbers.q == public.n
        and public.n % 2 == 1
        and min(numbers.p, numbers.q) > 1
        and numbers.dmp1 == numbers.d % (numbers.p - 1)
        and numbers.dmq1 == numbers.d % (numbers.q - 1)
        and numbers.iqmp * numbers.q % numbers.p == 1
    )
    if not is_whole or not _signs(key):
        raise CertwrightError(
            ErrorCode.UNREADABLE_CERTIFICATE,
            f"{where} is damaged: its numbers do not belong together.",
            "Export the key again from where it was made.",
        )


def _signs(key: RSAPrivateKey) -> bool:
    try:
        signature = key.sign(b"whole", PKCS1v15(), SHA256())
        key.public_key().verify(signature, b"whole", PKCS1v15(), SHA256())
    except (ValueError, InvalidSignature):
        return False
    return True
