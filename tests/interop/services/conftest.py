"""The services of the contract's suite, each with a first certificate."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.contract.services.adapter import NAME, Running, ServiceAdapter
from tests.unit.composed_server import Clock, compose_server, root_key_folder
from tests.unit.foreign_authority import ForeignAuthority, Issued
from tests.unit.tls_front import TlsFront

from certwright.lifecycle.server import Server

_NOW = datetime.now(UTC)

StartService = Callable[[Running], ServiceAdapter]


def make() -> Issued:
    """A certificate for the service, of an authority of its own."""
    return ForeignAuthority(_NOW).issue([NAME])


@pytest.fixture
def start_service(folder: Path) -> Iterator[StartService]:
    """Starts one service, and ends it after the test."""
    with ExitStack() as stack:
        yield lambda running: stack.enter_context(running(folder, make()))


@pytest.fixture
def clock() -> Clock:
    """Stands still, until the test moves it."""
    return Clock(datetime.now(UTC))


@pytest.fixture
def server(database: Engine, clock: Clock, tmp_path: Path) -> Server:
    """A node's operations, none of its own endpoints in use."""
    front = TlsFront()
    return compose_server(database, front, front.ports, clock, root_key_folder(tmp_path))


@pytest.fixture
def company(server: Server) -> ForeignAuthority:
    """The authority that the services have their first certificates from."""
    return ForeignAuthority(server.now(), "Company")
