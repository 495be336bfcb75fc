"""The web application: what keeps it from starting, what does not, and what it does unasked."""

import time
from datetime import timedelta

import pytest

from certwright.access.rights import Caller
from certwright.authorities.root_keys import RootKeyFolder
from certwright.lifecycle.activation import ActivationState, begin_activation, get_activation
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.server import Server
from certwright.node import application
from certwright.services.endpoints import EndpointName

from ..composed_server import Clock
from ..web_client import TestClient

_PATIENCE_SECONDS = 20.0


def test_starts_although_the_roots_key_is_away_and_its_list_has_run_out(
    server: Server, root_keys: RootKeyFolder, clock: Clock
) -> None:
    address = f"/publication/crl/{server.authority.root.fingerprint}.crl"
    made = application.build_application(server, root_keys, "local")
    with TestClient(made) as client:
        assert client.get(address).status_code == 200
    for file in root_keys.folder.iterdir():
        file.unlink()
    clock.move(timedelta(days=366))
    with TestClient(made) as client:
        assert client.get("/healthz").status_code == 200
        refusal = client.get(address)
    assert refusal.json()["code"] == "no-private-key"


def test_activation_that_was_left_half_way_is_brought_to_its_end(
    server: Server, root_keys: RootKeyFolder, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "INTERVAL_SECONDS", 0.05)
    provide_certificate(server, None)
    with TestClient(application.build_application(server, root_keys, "local")):
        left = begin_activation(server, EndpointName.WEB_SERVER, admin)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while get_activation(server, left).state is ActivationState.RUNNING:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert get_activation(server, left).state is ActivationState.PROVEN
