"""The stores that keep one set of promises, and what the machine of one cannot do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Engine

from certwright.stores.database_store import DatabaseStore
from certwright.stores.place import LOCAL, Location, Place, StoreName
from certwright.stores.store import Query, Store, StoredCertificate
from certwright.stores.task_runner import TaskRunner
from certwright.stores.windows import WindowsStore
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey

from ..materials.rsa_keys import rsa_key
from ..unit.composed_server import VAULT
from ..unit.foreign_authority import Issued, self_signed

WINDOWS_MACHINE = "winserver"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Feature(StrEnum):
    """What a store may lack because of the machine that it is on, and then says so."""

    ARCHIVING = "archiving a certificate"
    KEYS_OTHER_THAN_RSA = "keeping a key other than RSA"
    ROOT_OF_A_USER = "changing the Trusted Root store of a user"


@dataclass
class Adapter:
    """One store, the certificates that a test put into it, and the places where it did.

    Others may lie there too: those that Windows brings, or the machine's own where the tests run
    on a real one.
    """

    store: Store
    lacks: frozenset[Feature] = frozenset()
    made: dict[str, Certificate] = field(default_factory=dict)
    places: set[Place] = field(default_factory=set)

    def make(self, name: str, key: PrivateKey | None = None) -> Issued:
        """A self-signed certificate of this test's own, with an RSA key if none is given."""
        issued = self_signed([name], NOW, key=key or rsa_key())
        self.own(issued.leaf)
        return issued

    def own(self, certificate: Certificate) -> None:
        """Count it as this test's: it is looked for, and removed afterwards."""
        self.made[certificate.fingerprint] = certificate

    def place(
        self,
        location: Location = Location.LOCAL_MACHINE,
        store: StoreName = StoreName.PERSONAL,
    ) -> Place:
        """A store of this machine."""
        place = Place(self.store.machine, location, store)
        self.places.add(place)
        return place

    def find(self, place: Place, query: Query = Query()) -> Sequence[StoredCertificate]:  # noqa: B008 - frozen
        """What fits among the test's own, in the store's order."""
        found = self.store.find(place, query)
        return [one for one in found if one.certificate.fingerprint in self.made]

    def clear(self) -> None:
        """Remove what the test put there."""
        for place in self.places:
            for stored in self.find(place, Query(with_archived=True)):
                self.store.delete(place, stored.certificate.fingerprint)


def database_adapter(database: Engine) -> Adapter:
    """The node's own store."""
    return Adapter(DatabaseStore(database, VAULT, lambda: NOW, LOCAL))


def windows_adapter(runner: TaskRunner, *, is_wine: bool) -> Adapter:
    """The Windows Certificate Store."""
    lacks = {Feature.ROOT_OF_A_USER}
    if is_wine:
        lacks |= {Feature.ARCHIVING, Feature.KEYS_OTHER_THAN_RSA}
    return Adapter(WindowsStore(WINDOWS_MACHINE, runner), frozenset(lacks))
