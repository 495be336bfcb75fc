"""The real application, and clients of it with each right."""

import os

import pytest

from certwright.access.rights import Right
from certwright.access.tokens import create_token
from certwright.authorities.root_keys import RootKeyFolder
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.server import Server
from certwright.node.application import build_application

from ..composed_server import Clock
from ..web_client import TestClient as TestClient

LOCAL_TOKEN = "token-of-the-data-folder"
BASE = "https://todd.corp.example:8064"


def client_of(server: Server, root_keys: RootKeyFolder, token: str | None) -> TestClient:
    """A client of the application that shows `token`."""
    application = build_application(server, root_keys, LOCAL_TOKEN)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(application, base_url=BASE, headers=headers, raise_server_exceptions=False)


@pytest.fixture
def selected(server: Server) -> Server:
    """A server with a certificate for both endpoints."""
    provide_certificate(server, None)
    return server


@pytest.fixture
def stranger(selected: Server, root_keys: RootKeyFolder) -> TestClient:
    """Shows no token."""
    return client_of(selected, root_keys, None)


@pytest.fixture
def owner(selected: Server, root_keys: RootKeyFolder) -> TestClient:
    """Shows the token of the data folder."""
    return client_of(selected, root_keys, LOCAL_TOKEN)


@pytest.fixture
def with_right(selected: Server, root_keys: RootKeyFolder, clock: Clock) -> dict[Right, TestClient]:
    """A client for each right, with a token of it."""
    clients = {}
    for right in Right:
        with selected.database.begin() as connection:
            token = create_token(connection, right.value, right, clock(), os.urandom)
        clients[right] = client_of(selected, root_keys, token)
    return clients
