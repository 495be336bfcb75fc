"""Which roots count: the public ones, this machine's, and those in the node's own stores."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from certwright.rules.environment import Environment
from certwright.stores.database import list_certificates, list_issuers, list_self_issued
from certwright.stores.place import INTERMEDIATE, TRUSTED_ROOT
from certwright.x509.certificate import Certificate
from certwright.x509.chains import complete_chain

_OF_AUTHORITIES = (INTERMEDIATE, TRUSTED_ROOT)


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
        stored = list_self_issued(connection, stores)
        own = tuple(one for one in stored if one.is_self_signed)
        return (*own, *self.machine_roots(), *self.public_roots())


def authorities_at_hand(connection: Connection) -> tuple[Certificate, ...]:
    """Every certificate in the stores that could stand above a leaf: all of them are read."""
    entries = list_certificates(connection, _OF_AUTHORITIES)
    return tuple(entry.certificate for entry in entries)


def possible_issuers(
    connection: Connection, leaves: Iterable[Certificate]
) -> tuple[Certificate, ...]:
    """Those in the stores that, by their names, may stand above one of `leaves`."""
    return list_issuers(connection, leaves, _OF_AUTHORITIES)


def issuers_at_hand(connection: Connection, leaf: Certificate) -> tuple[Certificate, ...]:
    """What stands above `leaf` in the stores, up to the root where it is there."""
    return complete_chain(leaf, possible_issuers(connection, (leaf,)))[1:]
