"""What every certificate store can do, the node's own as well as a machine's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from certwright.stores.place import Place
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey


@dataclass(frozen=True)
class StoredCertificate:
    """A certificate as it lies in one store.

    `archived` ones are kept but not offered, as under Windows. `added_at` is None where the store
    does not record it.
    """

    certificate: Certificate
    place: Place
    friendly_name: str
    has_private_key: bool
    archived: bool
    added_at: datetime | None


@dataclass(frozen=True)
class Query:
    """What to look for; all that is given must hold.

    `thumbprint` is the beginning of a thumbprint or a fingerprint (lower-case hex), `subject` and
    `issuer` are parts of those names in any case.
    """

    thumbprint: str = ""
    subject: str = ""
    issuer: str = ""
    expires_before: datetime | None = None
    with_archived: bool = False


class Store(Protocol):
    """The certificates of one machine, by location and store name.

    Every method raises STORE_FAILED where the store itself refuses; those that take a
    `fingerprint` (whole, SHA-256) raise NOT_FOUND where no such certificate lies at `place`.
    """

    @property
    def machine(self) -> str:
        """The machine's name, as in `Place.machine`."""
        ...

    def places(self) -> tuple[Place, ...]:
        """The stores there are, empty ones too."""
        ...

    def find(self, place: Place, query: Query = Query()) -> tuple[StoredCertificate, ...]:
        """What fits `query`, by Common Name, the latest expiry first."""
        ...

    def get(self, place: Place, fingerprint: str) -> StoredCertificate:
        """One certificate."""
        ...

    def add(
        self,
        place: Place,
        certificate: Certificate,
        private_key: PrivateKey | None = None,
        *,
        friendly_name: str = "",
        exportable: bool = True,
    ) -> bool:
        """Put a certificate there, with its key where there is one; the same one twice is one.

        True if it was new. A private key that is not `exportable` never comes out again.
        """
        ...

    def private_key(self, place: Place, fingerprint: str) -> PrivateKey:
        """The private key, to be exported; raises NO_PRIVATE_KEY or KEY_NOT_EXPORTABLE."""
        ...

    def delete(self, place: Place, fingerprint: str) -> None:
        """Remove the certificate, and its private key unless another certificate needs it."""
        ...

    def set_friendly_name(self, place: Place, fingerprint: str, friendly_name: str) -> None:
        """What people call it."""
        ...

    def set_archived(self, place: Place, fingerprint: str, archived: bool) -> None:
        """Keep it without offering it, or offer it again."""
        ...
