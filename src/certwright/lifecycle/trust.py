"""Which roots count: the public ones, this machine's, and those in the node's own stores."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from certwright.rules.environment import Environment
from certwright.stores.database import list_certificates
from certwright.stores.place import INTERMEDIATE, TRUSTED_ROOT
from certwright.x509.certificate import Certificate


@dataclass(frozen=True)
class Trust:
    """Roots from outside the database; each is read when first asked for."""

    public_roots: Callable[[], tuple[Certificate, ...]]
    machine_roots: Callable[[], tuple[Certificate, ...]]

    def roots(self, connection: Connection, environment: Environment) -> tuple[Certificate, ...]:
        """The roots a chain may end in: those in the store Trusted Root and this machine's.

        A root that came along with its certificate counts too, except for a cloud product, which
        nobody hands a root. Whether a root is a public one is for a rule to say.
        """
        stores = (
            [TRUSTED_ROOT] if environment is Environment.CLOUD else [TRUSTED_ROOT, INTERMEDIATE]
        )
        stored = list_certificates(connection, stores)
        own = tuple(e.certificate for e in stored if e.certificate.is_self_signed)
        return (*own, *self.machine_roots(), *self.public_roots())


def authorities_at_hand(connection: Connection) -> tuple[Certificate, ...]:
    """Every certificate in the stores that could stand above a leaf."""
    entries = list_certificates(connection, [INTERMEDIATE, TRUSTED_ROOT])
    return tuple(entry.certificate for entry in entries)
