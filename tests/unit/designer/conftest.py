"""Clients of the Designer that are logged in, and a service beside the node."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from certwright.access.rights import Caller, Right
from certwright.access.sessions import begin_session
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.access_tables import users
from certwright.front.session_cookie import COOKIE
from certwright.lifecycle.activation import activate
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.adding import ServiceToAdd, take_on_service
from certwright.rules.environment import Environment
from certwright.services.endpoints import OwnEndpoint

from ...contract.services.adapter import NAME, ServiceAdapter
from ...contract.services.nginx import running
from ..api.conftest import BASE
from ..foreign_authority import ForeignAuthority
from ..web_application import application_around
from ..web_client import TestClient
from .forms import Forms

OWNER = Caller("local owner", Right.ADMIN, is_local=True)


@pytest.fixture
def log_in(server: Server, root_keys: RootKeyFolder) -> Callable[[Right], TestClient]:
    """Gives a client that is logged in as a user with a right, all of one application."""
    application = application_around(server, root_keys)

    def begin(right: Right) -> TestClient:
        now = server.now()
        with server.database.begin() as connection:
            connection.execute(
                insert(users).values(
                    name=right.value, password_hash="none", right=right.value, created_at=now
                )
            )
            session = begin_session(connection, right.value, right, now, os.urandom)
        client = TestClient(application, base_url=BASE, raise_server_exceptions=False)
        client.cookies.set(COOKIE, session.token)
        return client

    return begin


@pytest.fixture
def nginx(server: Server, company: ForeignAuthority, tmp_path: Path) -> Iterator[ServiceAdapter]:
    """A running nginx that the server cares for, beside its own endpoints."""
    provide_certificate(server, None)
    for endpoint in OwnEndpoint:
        activate(server, endpoint, OWNER)
    folder = tmp_path / "nginx"
    folder.mkdir(mode=0o755)
    issued = company.issue([NAME])
    chain = "".join(one.pem for one in issued.chain).encode()
    import_certificate(server, chain, None, friendly_name="", caller=OWNER)
    with running(folder, issued) as adapter:
        assert adapter.reference is not None
        take_on_service(server, ServiceToAdd(adapter.reference, "", Environment.TEST), OWNER)
        yield adapter


@pytest.fixture
def forms(log_in: Callable[[Right], TestClient]) -> Callable[[Right], Forms]:
    """Gives the forms of somebody who is logged in with a right."""
    return lambda right: Forms(log_in(right))
