"""Clients of the Designer that are logged in."""

import os
from collections.abc import Callable

import pytest
from sqlalchemy import insert

from certwright.access.rights import Right
from certwright.access.sessions import begin_session
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.tables import users
from certwright.front.session_cookie import COOKIE
from certwright.lifecycle.server import Server

from ..api.conftest import client_of
from ..web_client import TestClient


@pytest.fixture
def log_in(server: Server, root_keys: RootKeyFolder) -> Callable[[Right], TestClient]:
    """Gives a client that is logged in as a user with a right."""

    def begin(right: Right) -> TestClient:
        now = server.now()
        with server.database.begin() as connection:
            connection.execute(
                insert(users).values(
                    name=right.value, password_hash="none", right=right.value, created_at=now
                )
            )
            session = begin_session(connection, right.value, right, now, os.urandom)
        client = client_of(server, root_keys, None)
        client.cookies.set(COOKIE, session.token)
        return client

    return begin
