"""The private keys in the database: encrypted on the way in, decrypted on the way out."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from certwright.database.encryption import KeyEncryptionKey, wrong_key
from certwright.database.facts import read_fact
from certwright.database.node_tables import node_facts
from certwright.database.tables import certificates, private_keys, store_entries
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.keys import (
    PrivateKey,
    key_fingerprint,
    private_key_from_der,
    private_key_to_der,
)

_FACT = "key-encryption-key"


@dataclass(frozen=True)
class PrivateKeyVault:
    """Adds and gets private keys by the fingerprint of their public key (SHA-256 of the SPKI)."""

    key: KeyEncryptionKey

    def confirm(self, connection: Connection) -> None:
        """Record whose key this database is encrypted with; raise if it is another's."""
        connection.execute(
            insert(node_facts)
            .values(name=_FACT, value=self.key.identifier)
            .on_conflict_do_nothing()
        )
        if read_fact(connection, _FACT) != self.key.identifier:
            raise wrong_key()

    def add(
        self,
        connection: Connection,
        private_key: PrivateKey,
        now: datetime,
        *,
        exportable: bool = True,
    ) -> str:
        """Keep `private_key`; the same key twice is one, and stays as it came first.

        Returns its fingerprint.
        """
        fingerprint = key_fingerprint(private_key.public_key())
        encrypted = self.key.encrypt(private_key_to_der(private_key), fingerprint)
        connection.execute(
            insert(private_keys)
            .values(
                key_fingerprint=fingerprint,
                encrypted=encrypted,
                exportable=exportable,
                created_at=now,
            )
            .on_conflict_do_nothing()
        )
        _mark_entries(connection, fingerprint, has_private_key=True)
        return fingerprint

    def get(self, connection: Connection, fingerprint: str) -> PrivateKey:
        """The private key, or NO_PRIVATE_KEY."""
        encrypted = connection.execute(
            select(private_keys.c.encrypted).where(private_keys.c.key_fingerprint == fingerprint)
        ).scalar_one_or_none()
        if encrypted is None:
            raise _missing()
        return private_key_from_der(self.key.decrypt(encrypted, fingerprint))

    def export(self, connection: Connection, fingerprint: str) -> PrivateKey:
        """The private key, to leave this node; raises NO_PRIVATE_KEY or KEY_NOT_EXPORTABLE."""
        if not self.is_exportable(connection, fingerprint):
            raise CertwrightError(
                ErrorCode.KEY_NOT_EXPORTABLE,
                "The private key was imported as not exportable: it never leaves this node.",
                "Take it from where it was made, or request a new certificate with a new key.",
            )
        return self.get(connection, fingerprint)

    def is_exportable(self, connection: Connection, fingerprint: str) -> bool:
        """Whether the private key may leave this node, as was said when it came; NO_PRIVATE_KEY."""
        exportable: bool | None = connection.execute(
            select(private_keys.c.exportable).where(private_keys.c.key_fingerprint == fingerprint)
        ).scalar_one_or_none()
        if exportable is None:
            raise _missing()
        return exportable

    def delete(self, connection: Connection, fingerprint: str) -> bool:
        """Forget the private key for good; False if it was not here."""
        deleted = connection.execute(
            delete(private_keys).where(private_keys.c.key_fingerprint == fingerprint)
        )
        _mark_entries(connection, fingerprint, has_private_key=False)
        return deleted.rowcount > 0


def _mark_entries(connection: Connection, fingerprint: str, *, has_private_key: bool) -> None:
    """Keep what the stores' pages are filtered by in step."""
    connection.execute(
        update(store_entries)
        .where(
            store_entries.c.fingerprint.in_(
                select(certificates.c.fingerprint).where(
                    certificates.c.key_fingerprint == fingerprint
                )
            ),
            store_entries.c.has_private_key != has_private_key,
        )
        .values(has_private_key=has_private_key)
    )


def _missing() -> CertwrightError:
    return CertwrightError(
        ErrorCode.NO_PRIVATE_KEY,
        "The private key of this certificate is not here.",
        "Import it again from a PFX file, or from PEM together with its private key.",
    )
