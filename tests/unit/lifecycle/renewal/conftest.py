"""A node whose two endpoints are proven, and a renewal of what they serve."""

from datetime import UTC

import pytest

from certwright.lifecycle.renewal.advancing import Surroundings
from certwright.lifecycle.renewal.beginning import begin_for
from certwright.lifecycle.renewal.due import plans
from certwright.lifecycle.renewal.record import Renewal, get_renewal
from certwright.lifecycle.server import Server

SURROUNDINGS = Surroundings(chance=lambda: 0.5, zone=UTC)


@pytest.fixture
def renewal(serving: Server) -> int:
    """The number of a renewal that was only begun."""
    return begin(serving)


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
