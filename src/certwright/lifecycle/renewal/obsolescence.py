"""Renewals that nobody needs any more: nothing uses what they are to replace."""

from sqlalchemy import Connection

from certwright.lifecycle.renewal.due import ACTOR
from certwright.lifecycle.renewal.record import Renewal, unfinished_renewals
from certwright.services.endpoints import endpoints_using


def is_obsolete(connection: Connection, renewal: Renewal) -> bool:
    """Whether a renewal can be given up: it has brought nothing, and nothing waits for it.

    What somebody asked for is tried once all the same: she may want the certificate of no
    endpoint. What the node began was in use then.
    """
    if renewal.state.is_over or renewal.issued is not None or renewal.wanted.certificate is None:
        return False
    if renewal.attempts == 0 and renewal.wanted.actor != ACTOR:
        return False
    return not endpoints_using(connection, renewal.wanted.certificate)


def obsolete_renewals(connection: Connection) -> tuple[int, ...]:
    """The numbers of those that can be given up, whatever they wait for."""
    return tuple(one.id for one in unfinished_renewals(connection) if is_obsolete(connection, one))
