"""Bodies pass through both ways without piling up, and WebSockets stay open."""

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from h2.connection import H2Connection
from h2.events import RemoteSettingsChanged
from h2.settings import SettingCodes
from websockets.sync.client import connect

from certwright.front.session_cookie import COOKIE
from certwright.services.endpoints import WebServerProtocol

MIB = 1024 * 1024
SIZE = 300 * MIB
# More than Envoy's buffers for a few connections, far less than what is passed through.
ALLOWED_GROWTH = 40 * MIB


def _resident(process_id: int) -> int:
    pages = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
    return pages * 4096


class PeakMemory:
    """The most memory a process had while the block ran, asked every 10 ms."""

    def __init__(self, process_id: int) -> None:
        self._process_id = process_id
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.before = self.peak = _resident(process_id)

    def _watch(self) -> None:
        while not self._stop.wait(0.01):
            self.peak = max(self.peak, _resident(self._process_id))

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/2"])
def test_download_does_not_grow_memory(
    start_front: Any,
    upstream: str,
    client: httpx.Client,
    http2_client: httpx.Client,
    version: str,
) -> None:
    running = start_front(upstream)
    used = http2_client if version == "HTTP/2" else client
    url = f"https://localhost:{running.settings.https_port}/download/{SIZE}"
    received = 0
    with PeakMemory(running.process.pid) as memory, used.stream("GET", url) as answer:
        for chunk in answer.iter_raw():
            received += len(chunk)
    assert received == SIZE
    assert memory.peak - memory.before < ALLOWED_GROWTH


def test_download_to_a_client_that_does_not_read_is_held_back(
    start_front: Any, upstream: str, trusting: ssl.SSLContext
) -> None:
    running = start_front(upstream)
    with (
        socket.create_connection(("127.0.0.1", running.settings.https_port), 20) as plain,
        trusting.wrap_socket(plain, server_hostname="localhost") as connection,
        PeakMemory(running.process.pid) as memory,
    ):
        connection.sendall(b"GET /download/%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % SIZE)
        assert connection.recv(1000)
        # A server that buffered would have taken it all in by now: it needs 0.3 s.
        threading.Event().wait(1.5)
    assert memory.peak - memory.before < ALLOWED_GROWTH


def test_upload_does_not_grow_memory(start_front: Any, upstream: str, client: httpx.Client) -> None:
    running = start_front(upstream)

    def blocks() -> Iterator[bytes]:
        for _ in range(SIZE // MIB):
            yield bytes(MIB)

    url = f"https://localhost:{running.settings.https_port}/upload"
    with PeakMemory(running.process.pid) as memory:
        answer = client.post(url, content=blocks())
    assert answer.json()["received"] == SIZE
    assert memory.peak - memory.before < ALLOWED_GROWTH


@pytest.mark.parametrize("with_session", [False, True])
@pytest.mark.parametrize("protocol", [WebServerProtocol.HTTPS, WebServerProtocol.HTTP])
def test_websocket_passes_through(
    start_front: Any,
    echo_websocket: str,
    trusting: ssl.SSLContext,
    protocol: WebServerProtocol,
    *,
    with_session: bool,
) -> None:
    port = start_front(echo_websocket, protocol).settings.web_port(protocol)
    encrypted = protocol.is_encrypted
    url = f"{'wss' if encrypted else 'ws'}://localhost:{port}/talk"
    trust = trusting if encrypted else None
    headers = {"Cookie": f"{COOKIE}=secret"} if with_session else {}
    with connect(url, ssl=trust, proxy=None, additional_headers=headers) as connection:
        for message in ("hello", b"\x00" * 100_000):
            connection.send(message)
            assert connection.recv(20) == message


def test_websocket_is_no_way_into_the_app(start_front: Any, trusting: ssl.SSLContext) -> None:
    port = start_front().settings.configuration_port
    with (
        socket.create_connection(("127.0.0.1", port), 20) as plain,
        trusting.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(
            b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade, close\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 403 ")


def test_websocket_over_http2_is_not_offered(
    start_front: Any, echo_websocket: str, trusting: ssl.SSLContext
) -> None:
    """So browsers open one over HTTP/1.1, which every upstream understands."""
    port = start_front(echo_websocket).settings.https_port
    trusting.set_alpn_protocols(["h2"])
    state = H2Connection()
    state.initiate_connection()
    with (
        socket.create_connection(("127.0.0.1", port), 20) as plain,
        trusting.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(state.data_to_send())
        settings = None
        while settings is None:
            for event in state.receive_data(connection.recv(65536)):
                if isinstance(event, RemoteSettingsChanged):
                    settings = event.changed_settings
    assert settings[SettingCodes.ENABLE_CONNECT_PROTOCOL].new_value == 0
