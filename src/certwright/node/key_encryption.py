"""Where the key-encryption key comes from: the environment, a passphrase, or its own file."""

from collections.abc import Mapping
from pathlib import Path

from certwright.database.encryption import (
    KeyEncryptionKey,
    key_from_base64,
    key_from_passphrase,
    load_or_make_key_file,
    load_or_make_salt_file,
)

KEY_VARIABLE = "CERTWRIGHT_KEY_ENCRYPTION_KEY"
PASSPHRASE_VARIABLE = "CERTWRIGHT_KEY_PASSPHRASE"  # noqa: S105 - the variable's name


def find_key_encryption_key(data: Path, environment: Mapping[str, str]) -> KeyEncryptionKey:
    """The key the environment gives, else that of a passphrase there, else the file's (0600)."""
    if key := environment.get(KEY_VARIABLE):
        return key_from_base64(key)
    if passphrase := environment.get(PASSPHRASE_VARIABLE):
        salt = load_or_make_salt_file(data / "key-encryption.salt")
        return key_from_passphrase(passphrase, salt)
    return load_or_make_key_file(data / "key-encryption.key")
