"""The whole application: probes, metrics, its description, and what it does when it begins."""

import time
from dataclasses import replace

import pytest
from sqlalchemy import select

from certwright.access.rights import Caller
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.engine import open_engine
from certwright.database.tables import revocation_lists
from certwright.lifecycle.activation import activate, begin_activation
from certwright.lifecycle.activation_record import ActivationState, get_activation
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.server import Server
from certwright.node import application
from certwright.node.application import build_application
from certwright.services.endpoints import OwnEndpoint

from ..tls_front import TlsFront
from ..web_client import TestClient

_PATIENCE_SECONDS = 20.0


@pytest.fixture
def client(server: Server, root_keys: RootKeyFolder) -> TestClient:
    provide_certificate(server, None)
    made = build_application(server, root_keys, "local-token")
    return TestClient(made, base_url="https://todd.corp.example:8064")


def test_probes_need_no_token(client: TestClient) -> None:
    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "ok\n")
    assert (client.get("/readyz").status_code, client.get("/readyz").text) == (200, "ready\n")


def test_without_its_database_it_is_alive_and_not_ready(
    server: Server, root_keys: RootKeyFolder
) -> None:
    engine = open_engine("postgresql://127.0.0.1:1/certwright")
    made = build_application(replace(server, database=engine), root_keys, "local-token")
    client = TestClient(made, raise_server_exceptions=False)
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    engine.dispose()


def test_description_is_served_and_loads_nothing_from_elsewhere(client: TestClient) -> None:
    description = client.get("/api/v1/openapi.json").json()
    assert description["info"]["title"] == "Certwright"
    assert all(path.startswith("/api/v1/") for path in description["paths"])
    for path in ("/docs", "/redoc"):
        assert "cdn" not in client.get(path).text


def test_metrics_tell_of_each_endpoint(client: TestClient, server: Server, admin: Caller) -> None:
    before = client.get("/metrics").text
    assert 'certwright_endpoint_proven{endpoint="web-server"} 0.0' in before
    activate(server, OwnEndpoint.WEB_SERVER, admin)
    text = client.get("/metrics").text
    assert 'certwright_endpoint_proven{endpoint="web-server"} 1.0' in text
    assert 'certwright_endpoint_good{endpoint="web-server"} 1.0' in text
    assert 'certwright_endpoint_good{endpoint="configuration-server"} 0.0' in text
    line = next(line for line in text.splitlines() if line.startswith("certwright_endpoint_cert"))
    expiry = server.now().timestamp() + 47 * 86400
    assert float(line.rpartition(" ")[2]) == expiry


def test_what_a_killed_application_left_is_finished_at_its_start(
    client: TestClient, server: Server, front: TlsFront, admin: Caller
) -> None:
    number = begin_activation(server, OwnEndpoint.WEB_SERVER, admin)
    with client:
        assert get_activation(server, number).state is ActivationState.PROVEN
        with server.database.connect() as connection:
            issuers = set(connection.scalars(select(revocation_lists.c.issuer)))
        authority = server.authority
        assert issuers == {authority.root.fingerprint, authority.intermediate.fingerprint}


def test_what_lost_its_database_half_way_is_finished_while_it_runs(
    client: TestClient, server: Server, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "INTERVAL_SECONDS", 0.05)
    with client:
        number = begin_activation(server, OwnEndpoint.WEB_SERVER, admin)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while get_activation(server, number).state is ActivationState.RUNNING:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert get_activation(server, number).state is ActivationState.PROVEN


def test_root_key_that_is_away_does_not_keep_it_from_starting(
    client: TestClient, server: Server, root_keys: RootKeyFolder
) -> None:
    for file in root_keys.folder.iterdir():
        file.unlink()
    with client:
        assert client.get("/readyz").status_code == 200
        answer = client.get(f"/publication/crl/{server.authority.root.fingerprint}.crl")
        assert answer.json()["code"] == "no-private-key"
