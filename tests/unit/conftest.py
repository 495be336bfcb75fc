"""What holds for all unit tests, and a composed server with its clock and its front."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from certwright.access.rights import Caller, Right
from certwright.authorities.root_keys import RootKeyFolder
from certwright.lifecycle.server import Server

from .composed_server import Clock, compose_server, root_key_folder
from .foreign_authority import ForeignAuthority
from .tls_front import TlsFront


@pytest.fixture
def clock() -> Clock:
    """Stands at 24 November 2026, nine o'clock, until the test moves it."""
    return Clock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))


@pytest.fixture
def front() -> Iterator[TlsFront]:
    """A front that listens and serves what it is given."""
    made = TlsFront()
    made.go_up()
    yield made
    made.go_down()


@pytest.fixture
def root_keys(tmp_path: Path) -> RootKeyFolder:
    return root_key_folder(tmp_path)


@pytest.fixture
def server(database: Engine, front: TlsFront, clock: Clock, root_keys: RootKeyFolder) -> Server:
    """A node's operations on a fresh database, with an authority and no certificate yet."""
    return compose_server(database, front, front.ports, clock, root_keys)


@pytest.fixture
def company(clock: Clock) -> ForeignAuthority:
    """The company's own authority."""
    return ForeignAuthority(clock(), "Company")


@pytest.fixture
def admin() -> Caller:
    return Caller("ada", Right.ADMIN)
