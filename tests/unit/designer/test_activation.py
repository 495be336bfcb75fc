"""Watching an activation, by whatever number."""

import os

import pytest
from sqlalchemy import insert

from certwright.access.rights import Right
from certwright.access.sessions import begin_session
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.access_tables import users
from certwright.front.session_cookie import COOKIE
from certwright.lifecycle.server import Server

from ..api.conftest import client_of


@pytest.mark.parametrize(
    ("number", "status"), [(1, 404), (2**63 - 1, 404), (2**63, 400), (10**30, 400), (-1, 400)]
)
def test_number_of_no_activation_is_told_of(
    server: Server, root_keys: RootKeyFolder, number: int, status: int
) -> None:
    now = server.now()
    with server.database.begin() as connection:
        connection.execute(
            insert(users).values(name="ada", password_hash="none", right="read", created_at=now)
        )
        session = begin_session(connection, "ada", Right.READ, now, os.urandom)
    client = client_of(server, root_keys, None)
    client.cookies.set(COOKIE, session.token)
    assert client.get(f"/activations?id={number}").status_code == status
