"""Clients that are slow or greedy do not hold the others up."""

import json
import socket
import ssl
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from certwright.front import front
from certwright.front.settings import LARGEST_REQUEST


def _seconds_until_closed(connection: socket.socket, drip: bytes = b"") -> float:
    """How long the front puts up with it while one byte is sent each half second."""
    begin = time.monotonic()
    connection.settimeout(0.5)
    while time.monotonic() - begin < 40:
        try:
            if drip:
                connection.sendall(drip)
            if not connection.recv(4096):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - begin


@pytest.mark.timeout(90)
def test_slow_clients_are_closed_while_others_are_served(
    start_front: Any, trusting: ssl.SSLContext, client: httpx.Client
) -> None:
    settings = start_front().settings
    port = settings.configuration_port
    plain = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(200)]
    dribbling = trusting.wrap_socket(plain.pop(), server_hostname="localhost")
    dribbling.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    assert client.get(f"https://localhost:{port}/").status_code == 200
    # request_headers_timeout for the one, transport_socket_connect_timeout for the others: 10 s.
    assert _seconds_until_closed(dribbling, b"X-A: b\r\n") < 15
    for silent in plain:
        assert _seconds_until_closed(silent) < 15
        silent.close()
    dribbling.close()
    assert client.get(f"https://localhost:{port}/").status_code == 200


def test_request_too_large_for_our_own_pages_is_answered_while_uploads_pass_on(
    start_front: Any, client: httpx.Client
) -> None:
    settings = start_front().settings
    url = f"https://localhost:{settings.configuration_port}/"
    assert client.post(url, content=b"a" * LARGEST_REQUEST).status_code == 200
    assert client.post(url, content=b"a" * (LARGEST_REQUEST + 1)).status_code == 413
    elsewhere = f"https://localhost:{settings.https_port}/"
    assert client.post(elsewhere, content=b"a" * (LARGEST_REQUEST + 1)).status_code != 413


def test_many_streams_at_once_on_one_connection_are_bounded(
    start_front: Any, trusting: ssl.SSLContext
) -> None:
    from h2.connection import H2Connection
    from h2.events import RemoteSettingsChanged
    from h2.settings import SettingCodes

    port = start_front().settings.configuration_port
    trusting.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        trusting.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        state = H2Connection()
        state.initiate_connection()
        connection.sendall(state.data_to_send())
        told = None
        while told is None:
            for event in state.receive_data(connection.recv(65536)):
                if isinstance(event, RemoteSettingsChanged):
                    told = event.changed_settings[SettingCodes.MAX_CONCURRENT_STREAMS]
        assert told.new_value == 100


def test_connections_are_bounded_by_the_descriptors_there_are(start_front: Any) -> None:
    running = start_front()
    limits = Path(f"/proc/{running.process.pid}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max open files")]
    descriptors = int(line.split()[3])
    bootstrap = json.loads((running.settings.runtime_folder / "bootstrap.json").read_text())
    monitors = bootstrap["overload_manager"]["resource_monitors"]
    (bound,) = [
        monitor["typed_config"]["max_active_downstream_connections"]
        for monitor in monitors
        if "max_active_downstream_connections" in monitor["typed_config"]
    ]
    assert bound > 400
    assert 2 * bound < descriptors


def test_flood_of_one_port_leaves_the_designer_reachable(
    start_front: Any, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "_maximum_connections", lambda: 60)
    settings = start_front().settings
    with ExitStack() as stack:
        for port in (settings.https_port, settings.publication_port):
            for _ in range(65):
                stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
        answer = client.get(f"https://localhost:{settings.configuration_port}/")
        assert answer.status_code == 200
