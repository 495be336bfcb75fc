"""Where the key-encryption key comes from: the environment, a passphrase, or its own file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from certwright.database.encryption import (
    KeyEncryptionKey,
    key_from_base64,
    key_from_passphrase,
    new_key_content,
    new_salt_content,
    salt_from_hex,
)
from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.whole_files import write_whole

KEY_VARIABLE = "CERTWRIGHT_KEY_ENCRYPTION_KEY"
PASSPHRASE_VARIABLE = "CERTWRIGHT_KEY_PASSPHRASE"  # noqa: S105 - the variable's name


@dataclass(frozen=True)
class FoundKey:
    """The key-encryption key, and what of it is not on the disk yet.

    A new key is only for a new database: beside one that is encrypted already it would open
    nothing, and look as if it were the right one.
    """

    key: KeyEncryptionKey
    file: Path | None = None
    """Holds the key, or the salt of a passphrase; None if the environment gives all."""
    new_content: bytes | None = field(default=None, repr=False)
    """What `file` is to hold; None if it was there."""

    @property
    def is_new(self) -> bool:
        """Whether it was made just now, so that nothing can be encrypted with it."""
        return self.new_content is not None

    def keep(self) -> None:
        """Write what is new to its file (0600); raises OSError."""
        if self.file is not None and self.new_content is not None:
            write_whole(self.file, self.new_content)

    def missing(self) -> CertwrightError:
        """That the database there is encrypted with a key whose file is gone."""
        return CertwrightError(
            ErrorCode.WRONG_KEY_ENCRYPTION_KEY,
            f"The file {self.file} is missing: this database was encrypted with what it held.",
            "Put it back from your backup, or copy it from another node of the same database. If "
            f"the environment gave the key so far, give it there again ({KEY_VARIABLE} or "
            f"{PASSPHRASE_VARIABLE}). No new one was written.",
        )


def find_key_encryption_key(data: Path, environment: Mapping[str, str]) -> FoundKey:
    """The key the environment gives, else that of a passphrase there, else the file's.

    What is missing is made but not written. Raises `CertwrightError` WRONG_KEY_ENCRYPTION_KEY for
    what is there and no key.
    """
    if key := environment.get(KEY_VARIABLE):
        return FoundKey(key_from_base64(key))
    if passphrase := environment.get(PASSPHRASE_VARIABLE):
        file = data / "key-encryption.salt"
        new = None if file.exists() else new_salt_content()
        salt = salt_from_hex(new or file.read_bytes())
        return FoundKey(key_from_passphrase(passphrase, salt), file, new)
    file = data / "key-encryption.key"
    new = None if file.exists() else new_key_content()
    return FoundKey(key_from_base64(new or file.read_bytes()), file, new)
