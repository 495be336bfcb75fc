"""Opening what is encrypted with a password: PKCS#5 (RFC 8018) and PKCS#12's own (RFC 7292 C)."""

import hashlib

from cryptography.hazmat.decrepit.ciphers.algorithms import RC2, TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from certwright.x509.ber import SEQUENCE, BerError, Element, parse_ber
from certwright.x509.derivation import (
    Budget,
    Hash,
    derive_pbkdf2,
    derive_pkcs12,
    derive_scrypt,
)
from certwright.x509.password import Secret

_PBES2 = "1.2.840.113549.1.5.13"
_PBKDF2 = "1.2.840.113549.1.5.12"
_SCRYPT = "1.3.6.1.4.1.11591.4.11"
_HMAC_HASHES = {
    "1.2.840.113549.2.7": hashlib.sha1,
    "1.2.840.113549.2.8": hashlib.sha224,
    "1.2.840.113549.2.9": hashlib.sha256,
    "1.2.840.113549.2.10": hashlib.sha384,
    "1.2.840.113549.2.11": hashlib.sha512,
}
_CIPHERS: dict[str, tuple[type[AES | TripleDES], int]] = {
    "2.16.840.1.101.3.4.1.2": (AES, 16),
    "2.16.840.1.101.3.4.1.22": (AES, 24),
    "2.16.840.1.101.3.4.1.42": (AES, 32),
    "1.2.840.113549.3.7": (TripleDES, 24),
}
_TRIPLE_DES, _DOUBLE_DES, _RC2_128, _RC2_40 = (f"1.2.840.113549.1.12.1.{n}" for n in (3, 4, 5, 6))
_PKCS12_KEY_SIZES = {_TRIPLE_DES: 24, _DOUBLE_DES: 16, _RC2_128: 16, _RC2_40: 5}
_KEY, _INITIAL_VALUE = 1, 2
_LARGEST_KEY = 64


class UnknownEncryptionError(Exception):
    """An algorithm that is not known here; its text is the dotted identifier."""


class DoesNotOpenError(Exception):
    """The password is wrong, or the encrypted bytes are damaged: these cannot be told apart."""


def decrypt(algorithm: Element, ciphertext: bytes, secret: Secret, budget: Budget) -> bytes:
    """What was encrypted; `algorithm` is the AlgorithmIdentifier that says how.

    Raises `DoesNotOpenError`, `UnknownEncryptionError`, `BerError` or `ValueError` where the
    algorithm's own numbers are damaged, and TOO_LARGE where opening it would take absurdly long.
    """
    identifier, parameters = algorithm_parts(algorithm)
    if identifier == _PBES2:
        opened = _decrypt_pbes2(parameters, ciphertext, secret, budget)
    elif identifier in _PKCS12_KEY_SIZES:
        opened = _decrypt_pkcs12(identifier, parameters, ciphertext, secret, budget)
    else:
        raise UnknownEncryptionError(identifier)
    if not _is_sequence(opened):
        raise DoesNotOpenError
    return opened


def algorithm_parts(algorithm: Element) -> tuple[str, tuple[Element, ...]]:
    """The identifier of an AlgorithmIdentifier, and the elements of its parameters."""
    match algorithm.children:
        case (identifier,):
            return identifier.identifier, ()
        case identifier, parameters:
            return identifier.identifier, parameters.children or (parameters,)
    raise BerError("no algorithm", algorithm.start)


def pbkdf2_key(parameters: tuple[Element, ...], secret: Secret, size: int, budget: Budget) -> bytes:
    """The key that PBKDF2-params (RFC 8018 A.2) ask for; `size` where they name no length."""
    if len(parameters) < 2:
        raise ValueError("PBKDF2 without salt or rounds")
    salt, rounds = parameters[0].octets, parameters[1].number or 0
    algorithm: Hash = hashlib.sha1
    for more in parameters[2:]:
        if more.number is not None:
            size = more.number
        elif more.is_constructed:
            algorithm = hmac_hash(algorithm_parts(more)[0])
    if not 0 < size <= _LARGEST_KEY:
        raise ValueError("an absurd size of a key")
    return derive_pbkdf2(budget, secret.utf8, salt, rounds, size, algorithm)


def is_pbkdf2(identifier: str) -> bool:
    """Whether an algorithm's identifier is that of PBKDF2."""
    return identifier == _PBKDF2


def hmac_hash(identifier: str) -> Hash:
    """The hash of an HMAC; raises `UnknownEncryptionError`."""
    if identifier not in _HMAC_HASHES:
        raise UnknownEncryptionError(identifier)
    return _HMAC_HASHES[identifier]


def _decrypt_pbes2(
    parameters: tuple[Element, ...], ciphertext: bytes, secret: Secret, budget: Budget
) -> bytes:
    if len(parameters) != 2:
        raise ValueError("PBES2 without derivation or cipher")
    cipher, cipher_parameters = algorithm_parts(parameters[1])
    if cipher not in _CIPHERS:
        raise UnknownEncryptionError(cipher)
    kind, size = _CIPHERS[cipher]
    derivation, numbers = algorithm_parts(parameters[0])
    if derivation == _PBKDF2:
        key = pbkdf2_key(numbers, secret, size, budget)
    elif derivation == _SCRYPT:
        key = _scrypt_key(numbers, secret, size, budget)
    else:
        raise UnknownEncryptionError(derivation)
    initial = cipher_parameters[0].octets if cipher_parameters else b""
    if len(key) != size:
        raise ValueError("a key of another size than its cipher's")
    return _unpadded(_decrypted(kind(key), initial, ciphertext), kind.block_size)


def _scrypt_key(numbers: tuple[Element, ...], secret: Secret, size: int, budget: Budget) -> bytes:
    if len(numbers) < 4:
        raise ValueError("scrypt without its numbers")
    cost, block, parallel = (element.number or 0 for element in numbers[1:4])
    salt = numbers[0].octets
    return derive_scrypt(budget, secret.utf8, salt, cost, block, parallel, size)


def _decrypt_pkcs12(
    identifier: str,
    parameters: tuple[Element, ...],
    ciphertext: bytes,
    secret: Secret,
    budget: Budget,
) -> bytes:
    if len(parameters) != 2:
        raise ValueError("no salt or no rounds")
    salt, rounds = parameters[0].octets, parameters[1].number or 0
    key, initial = (
        derive_pkcs12(budget, secret.bmp, salt, rounds, size, hashlib.sha1, use)
        for use, size in ((_KEY, _PKCS12_KEY_SIZES[identifier]), (_INITIAL_VALUE, 8))
    )
    if identifier == _RC2_40:
        # Only read, never written; and `cryptography` takes RC2 keys of 128 bits only. Imported
        # here, as it takes long and is for the oldest files alone.
        from Crypto.Cipher import ARC2

        cipher = ARC2.new(key, ARC2.MODE_CBC, iv=initial, effective_keylen=40)  # noqa: S304
        padded = cipher.decrypt(ciphertext)
    elif identifier == _RC2_128:
        padded = _decrypted(RC2(key), initial, ciphertext)
    else:
        padded = _decrypted(TripleDES((key + key[:8])[:24]), initial, ciphertext)
    return _unpadded(padded, 64)


def _decrypted(algorithm: CipherAlgorithm, initial: bytes, ciphertext: bytes) -> bytes:
    decryptor = Cipher(algorithm, CBC(initial)).decryptor()
    return decryptor.update(ciphertext) + decryptor.finalize()


def _unpadded(padded: bytes, block_bits: int) -> bytes:
    unpadder = PKCS7(block_bits).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise DoesNotOpenError from None


def _is_sequence(opened: bytes) -> bool:
    """Whether it is what all these formats encrypt; of 256 wrong passwords one gets so far."""
    try:
        return parse_ber(opened).tag == SEQUENCE
    except BerError:
        return False
