"""The whole way of a renewal at real services: taken on, renewed, put back where it fails."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from certwright.access.rights import Caller, Right
from certwright.lifecycle.renewal.advancing import Surroundings, advance
from certwright.lifecycle.renewal.due import begin_for, plans
from certwright.lifecycle.renewal.record import RenewalState, get_renewal, keep_renewal
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.adding import Wanted, take_on_service
from certwright.rules.environment import Environment
from certwright.services.endpoints import (
    RenewalSettings,
    ServiceEndpoint,
    get_endpoint,
    save_renewal_settings,
)

from ...contract.services import haproxy, nginx
from ...contract.services.adapter import NAME, Running, ServiceAdapter
from ...unit.composed_server import Clock, compose_server, root_key_folder
from ...unit.foreign_authority import ForeignAuthority, Issued
from ...unit.tls_front import TlsFront

OWNER = Caller("local owner", Right.ADMIN, is_local=True)
SURROUNDINGS = Surroundings(lambda: 0.5, UTC)
KINDS: dict[str, Running] = {"nginx": nginx.running, "haproxy": haproxy.running}


@pytest.fixture
def server(database: Engine, tmp_path: Path) -> Server:
    """A node's operations, none of its own endpoints in use."""
    front = TlsFront()
    clock = Clock(datetime.now(UTC))
    return compose_server(database, front, front.ports, clock, root_key_folder(tmp_path))


@pytest.fixture
def company(server: Server) -> ForeignAuthority:
    return ForeignAuthority(server.now(), "Company")


def take_on(server: Server, adapter: ServiceAdapter, kind: str) -> ServiceEndpoint:
    """Take it on, and let the internal authority renew it."""
    assert adapter.reference is not None
    plan = take_on_service(server, Wanted(adapter.reference, kind, Environment.TEST), OWNER)
    name = ServiceEndpoint(f"{kind}/{plan.endpoints[0].found.name}")
    with server.database.begin() as connection:
        save_renewal_settings(connection, name, RenewalSettings(authority="internal"))
    return name


def begin(server: Server) -> int:
    with server.database.begin() as connection:
        (plan,) = plans(server, connection, None)
        number = begin_for(server, connection, plan, "ada", "It was asked for.")
    assert number is not None
    return number


@pytest.mark.parametrize("kind", KINDS)
def test_a_renewed_certificate_is_served_and_proven(
    kind: str, server: Server, company: ForeignAuthority, tmp_path: Path
) -> None:
    former = company.issue([NAME])
    folder = tmp_path / "service"
    folder.mkdir(mode=0o755)
    with KINDS[kind](folder, former) as adapter:
        name = take_on(server, adapter, kind)
        renewal = begin(server)
        asking = advance(server, renewal, SURROUNDINGS)
        # Another authority issues from now on: somebody has to agree to another root.
        assert asking.state is RenewalState.ASKING
        assert adapter.served() == former.leaf.thumbprint
        _agree(server, renewal)
        done = advance(server, renewal, SURROUNDINGS)
        assert done.state is RenewalState.DONE, done.sentence
        with server.database.connect() as connection:
            endpoint = get_endpoint(connection, name)
        assert endpoint.is_proven
        assert endpoint.active == endpoint.saved
        assert endpoint.active is not None
        assert endpoint.active.certificate == done.issued
        _wait_until_gone(adapter, former)


def _wait_until_gone(adapter: ServiceAdapter, former: Issued) -> None:
    # An old worker of nginx may answer once more after a new one has.
    deadline = time.monotonic() + 5
    while adapter.served() == former.leaf.thumbprint:
        assert time.monotonic() < deadline, "the former certificate is still served"


def _agree(server: Server, renewal: int) -> None:
    with server.database.begin() as connection:
        keep_renewal(connection, replace(get_renewal(connection, renewal), agreed=True))
