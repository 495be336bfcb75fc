"""Root keys, kept apart from everything else: one encrypted file each, outside the database.

The node signs with a root only to make an intermediate and to renew the root's revocation list,
so the file can be moved to a safe place and brought back for those occasions.
"""

from dataclasses import dataclass
from pathlib import Path

from certwright.database.encryption import KeyEncryptionKey
from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.whole_files import write_whole
from certwright.x509.keys import (
    PrivateKey,
    key_fingerprint,
    private_key_from_der,
    private_key_to_der,
)


@dataclass(frozen=True)
class RootKeyFolder:
    """A folder of files named after the public key's fingerprint."""

    folder: Path
    key: KeyEncryptionKey

    def add(self, private_key: PrivateKey) -> None:
        """Write the key's file, whole or not at all."""
        fingerprint = key_fingerprint(private_key.public_key())
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        encrypted = self.key.encrypt(private_key_to_der(private_key), fingerprint)
        write_whole(self._file(fingerprint), encrypted)

    def get(self, fingerprint: str) -> PrivateKey:
        """The root key, or NO_PRIVATE_KEY when its file is elsewhere."""
        try:
            encrypted = self._file(fingerprint).read_bytes()
        except FileNotFoundError:
            raise CertwrightError(
                ErrorCode.NO_PRIVATE_KEY,
                f"The root's private key is not in {self.folder}.",
                f"Bring the file {fingerprint}.key back there for as long as it is needed.",
            ) from None
        return private_key_from_der(self.key.decrypt(encrypted, fingerprint))

    def _file(self, fingerprint: str) -> Path:
        return self.folder / f"{fingerprint}.key"
