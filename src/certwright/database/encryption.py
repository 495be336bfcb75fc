"""Private keys at rest: AES-256-GCM (NIST SP 800-38D) under one key-encryption key."""

import base64
import binascii
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from certwright.errors import CertwrightError, ErrorCode

KEY_LENGTH = 32
_NONCE_LENGTH = 12
_SALT_LENGTH = 16
_IDENTIFIER_CONTEXT = b"certwright key-encryption key identifier"


@dataclass(frozen=True)
class KeyEncryptionKey:
    """32 secret bytes that encrypt every private key; never shown by `repr`."""

    secret: bytes = field(repr=False)

    def encrypt(self, plain: bytes, context: str) -> bytes:
        """Nonce and ciphertext; `context` (what the bytes are for) is authenticated with them."""
        nonce = os.urandom(_NONCE_LENGTH)
        return nonce + AESGCM(self.secret).encrypt(nonce, plain, context.encode())

    def decrypt(self, encrypted: bytes, context: str) -> bytes:
        """The plain bytes; raises WRONG_KEY_ENCRYPTION_KEY if key, bytes or context differ."""
        nonce, ciphertext = encrypted[:_NONCE_LENGTH], encrypted[_NONCE_LENGTH:]
        try:
            return AESGCM(self.secret).decrypt(nonce, ciphertext, context.encode())
        except (InvalidTag, ValueError):
            raise wrong_key() from None

    @property
    def identifier(self) -> str:
        """Tells two keys apart without telling either (HMAC-SHA-256 of a constant)."""
        return hmac.new(self.secret, _IDENTIFIER_CONTEXT, "sha256").hexdigest()


def key_from_base64(text: str | bytes) -> KeyEncryptionKey:
    """The key as it stands in a file or in the environment: 32 bytes, base64.

    Raises `CertwrightError` WRONG_KEY_ENCRYPTION_KEY for anything else.
    """
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_LENGTH:
        raise CertwrightError(
            ErrorCode.WRONG_KEY_ENCRYPTION_KEY,
            f"The key-encryption key is not {KEY_LENGTH} bytes in base64.",
            "Restore the file key-encryption.key from your backup; "
            "without it the private keys cannot be read.",
        )
    return KeyEncryptionKey(secret)


def key_from_passphrase(passphrase: str, salt: bytes) -> KeyEncryptionKey:
    """scrypt (RFC 7914) with n=2^17, r=8, p=1: 128 MiB and about half a second a guess."""
    octets = passphrase.encode("utf-8", "surrogateescape")  # the environment holds any octets
    return KeyEncryptionKey(Scrypt(salt=salt, length=KEY_LENGTH, n=2**17, r=8, p=1).derive(octets))


def new_key_content(random: Callable[[int], bytes] = os.urandom) -> bytes:
    """A new key, as `key_from_base64` reads it."""
    return base64.b64encode(random(KEY_LENGTH))


def new_salt_content(random: Callable[[int], bytes] = os.urandom) -> bytes:
    """A new salt, as `salt_from_hex` reads it."""
    return random(_SALT_LENGTH).hex().encode()


def salt_from_hex(content: bytes) -> bytes:
    """The salt that belongs to a passphrase; not secret, but needed with it.

    Raises `CertwrightError` WRONG_KEY_ENCRYPTION_KEY for what holds no salt.
    """
    try:
        salt = bytes.fromhex(content.decode())
    except ValueError:
        salt = b""
    if len(salt) != _SALT_LENGTH:
        raise CertwrightError(
            ErrorCode.WRONG_KEY_ENCRYPTION_KEY,
            "The salt of the key-encryption passphrase is damaged.",
            "Restore the file key-encryption.salt from your backup; "
            "without it the passphrase opens nothing.",
        )
    return salt


def wrong_key() -> CertwrightError:
    """The key-encryption key at hand is not the one the database was encrypted with."""
    return CertwrightError(
        ErrorCode.WRONG_KEY_ENCRYPTION_KEY,
        "The key-encryption key does not fit this database: its private keys cannot be read.",
        "Give the key (file key-encryption.key, environment or passphrase) "
        "that was in use when the database was made.",
    )
