"""The node's own certificate store, as every store."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from certwright.database.private_keys import PrivateKeyVault
from certwright.database.tables import certificates, store_entries
from certwright.stores.database import (
    add_certificate,
    begins_with,
    count_with_key,
    delete_entry,
    get_entries,
    get_entry,
    lies_in,
    set_entry_archived,
    set_entry_friendly_name,
)
from certwright.stores.place import LOCAL, Place, every_place
from certwright.stores.store import (
    Query,
    StoredCertificate,
    in_order,
    require_friendly_name,
    require_own_key,
    require_own_place,
)
from certwright.stores.turns import changing_stores
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey


@dataclass(frozen=True)
class DatabaseStore:
    """A `Store` over the database; each method is a transaction of its own.

    Lists that people page through come from `stores.listing`, which never reads a whole store.
    """

    engine: Engine
    vault: PrivateKeyVault
    now: Callable[[], datetime]
    machine: str = LOCAL

    def places(self) -> tuple[Place, ...]:
        """The stores there are, empty ones too."""
        return every_place(self.machine)

    def find(self, place: Place, query: Query = Query()) -> tuple[StoredCertificate, ...]:  # noqa: B008 - frozen
        """What fits `query`, by Common Name, the latest expiry first."""
        require_own_place(self.machine, place)
        wanted = (
            select(store_entries.c.fingerprint)
            .join_from(store_entries, certificates)
            .where(lies_in(place))
        )
        if query.thumbprint:
            wanted = wanted.where(begins_with(query.thumbprint))
        if query.expires_before is not None:
            wanted = wanted.where(certificates.c.not_after < query.expires_before)
        with self.engine.connect() as connection:
            fingerprints = connection.execute(wanted).scalars().all()
            found = get_entries(connection, [(one, place) for one in fingerprints])
        return in_order(stored for stored in found if query.fits(stored))

    def get(self, place: Place, fingerprint: str) -> StoredCertificate:
        """One certificate; raises NOT_FOUND."""
        require_own_place(self.machine, place)
        with self.engine.connect() as connection:
            return get_entry(connection, fingerprint, place)

    def add(
        self,
        place: Place,
        certificate: Certificate,
        private_key: PrivateKey | None = None,
        *,
        friendly_name: str = "",
        exportable: bool = True,
    ) -> bool:
        """Put a certificate there, with its key where there is one; True if it was new."""
        require_own_place(self.machine, place)
        require_own_key(certificate, private_key)
        require_friendly_name(friendly_name)
        with changing_stores(self.engine) as connection:
            now = self.now()
            if private_key is not None:
                self.vault.add(connection, private_key, now, exportable=exportable)
            return add_certificate(connection, certificate, place, now, friendly_name)

    def private_key(self, place: Place, fingerprint: str) -> PrivateKey:
        """The private key, to be exported; raises NO_PRIVATE_KEY or KEY_NOT_EXPORTABLE."""
        require_own_place(self.machine, place)
        with self.engine.connect() as connection:
            key = get_entry(connection, fingerprint, place).certificate.key_fingerprint
            return self.vault.export(connection, key)

    def delete(self, place: Place, fingerprint: str) -> None:
        """Remove the certificate, and its private key unless another certificate needs it."""
        require_own_place(self.machine, place)
        with changing_stores(self.engine) as connection:
            key = get_entry(connection, fingerprint, place).certificate.key_fingerprint
            delete_entry(connection, fingerprint, place)
            if not count_with_key(connection, key):
                self.vault.delete(connection, key)

    def set_friendly_name(self, place: Place, fingerprint: str, friendly_name: str) -> None:
        """What people call it."""
        require_own_place(self.machine, place)
        require_friendly_name(friendly_name)
        with self.engine.begin() as connection:
            set_entry_friendly_name(connection, fingerprint, place, friendly_name)

    def set_archived(self, place: Place, fingerprint: str, archived: bool) -> None:
        """Keep it without offering it, or offer it again."""
        require_own_place(self.machine, place)
        with self.engine.begin() as connection:
            set_entry_archived(connection, fingerprint, place, archived)
