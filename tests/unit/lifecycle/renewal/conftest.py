"""A node whose two endpoints are proven, and a renewal of what they serve."""

from datetime import UTC

import pytest

from certwright.access.rights import Caller
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.lifecycle.renewal.advancing import Surroundings, advance
from certwright.lifecycle.renewal.asking import renew
from certwright.lifecycle.renewal.beginning import begin_for
from certwright.lifecycle.renewal.due import plans
from certwright.lifecycle.renewal.record import Renewal, get_renewal
from certwright.lifecycle.server import Server
from certwright.services.endpoints import OwnEndpoint

from ..conftest import served_at

SURROUNDINGS = Surroundings(chance=lambda: 0.5, zone=UTC)


@pytest.fixture
def renewal(serving: Server) -> int:
    """The number of a renewal that was only begun."""
    return begin(serving)


@pytest.fixture
def waiting(serving: Server, admin: Caller) -> Renewal:
    """A renewal by the authority "team", whose request waits for people."""
    record = AuthorityRecord("team", AuthorityKind.BY_HAND)
    with serving.database.begin() as connection:
        serving.authorities.records.add(connection, record, serving.now())
    served = served_at(serving, OwnEndpoint.WEB_SERVER).fingerprint
    begun = renew(serving, served, caller=admin, authority="team")
    return advance(serving, begun.id, SURROUNDINGS)


def begin(server: Server) -> int:
    """Begin the renewal of what the endpoints serve, due or not."""
    with server.database.begin() as connection:
        (plan,) = plans(server, connection, None)
        identifier = begin_for(server, connection, plan, "ada", "It was asked for.")
    assert identifier is not None
    return identifier


def recorded(server: Server, identifier: int) -> Renewal:
    """The renewal as it stands."""
    with server.database.connect() as connection:
        return get_renewal(connection, identifier)
