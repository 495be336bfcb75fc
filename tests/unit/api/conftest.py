"""The real application, and clients of it with each right."""

import os

import pytest
from fastapi import FastAPI

from certwright.access.rights import Right
from certwright.access.tokens import create_token
from certwright.authorities.root_keys import RootKeyFolder
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.server import Server
from certwright.node.application import build_application

from ..composed_server import Clock
from ..web_application import LOCAL_TOKEN as LOCAL_TOKEN
from ..web_application import application_around
from ..web_client import TestClient as TestClient

BASE = "https://todd.corp.example:8064"


def client_of(server: Server, root_keys: RootKeyFolder, token: str | None) -> TestClient:
    """A client that shows `token` to an application of its own."""
    return _showing(token, build_application(server, root_keys, LOCAL_TOKEN))


def _showing(token: str | None, application: FastAPI) -> TestClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(application, base_url=BASE, headers=headers, raise_server_exceptions=False)


@pytest.fixture
def selected(server: Server) -> Server:
    """A server with a certificate for both endpoints."""
    provide_certificate(server, None)
    return server


@pytest.fixture
def application(selected: Server, root_keys: RootKeyFolder) -> FastAPI:
    """One for all clients of a test."""
    return application_around(selected, root_keys)


@pytest.fixture
def stranger(application: FastAPI) -> TestClient:
    """Shows no token."""
    return _showing(None, application)


@pytest.fixture
def owner(application: FastAPI) -> TestClient:
    """Shows the token of the data folder."""
    return _showing(LOCAL_TOKEN, application)


@pytest.fixture
def with_right(selected: Server, application: FastAPI, clock: Clock) -> dict[Right, TestClient]:
    """A client for each right, with a token of it."""
    clients = {}
    for right in Right:
        with selected.database.begin() as connection:
            token = create_token(connection, right.value, right, clock(), os.urandom)
        clients[right] = _showing(token, application)
    return clients
