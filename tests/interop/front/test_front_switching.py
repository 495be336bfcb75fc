"""Another certificate, another protocol, another process: nobody who calls notices."""

import http.client
import json
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.services.endpoints import OwnEndpoint, WebServerProtocol

SWAPS = 30


def _served(port: int) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        return connection.getpeercert(binary_form=True) or b""


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except ConnectionRefusedError:
        return False
    return True


def is_closed_soon(port: int) -> bool:
    """The front is back before its threads have let go of a port."""
    deadline = time.monotonic() + 30
    while is_open(port) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_open(port)


class Caller(threading.Thread):
    """Calls again and again, on one connection or on a new one each time."""

    def __init__(self, port: int, *, keeps_alive: bool) -> None:
        super().__init__()
        self._port = port
        self._keeps_alive = keeps_alive
        self._context = ssl.create_default_context()
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE
        self.stop = threading.Event()
        self.answers = 0
        self.failures: list[str] = []

    def run(self) -> None:
        connection = self._connect()
        while not self.stop.is_set():
            try:
                connection.request("GET", "/")
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failures.append(str(answer.status))
                self.answers += 1
                if not self._keeps_alive:
                    connection.close()
                    connection = self._connect()
                elif connection.sock is None:
                    self.failures.append("the connection was closed")
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
                connection.close()
                connection = self._connect()
        connection.close()

    def _connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            "127.0.0.1", self._port, timeout=20, context=self._context
        )


@contextmanager
def calling(port: int, *, kept: int) -> Iterator[list[Caller]]:
    """Calls on so many kept connections and on new ones, none of which fails or is closed."""
    callers = [Caller(port, keeps_alive=True) for _ in range(kept)]
    callers.append(Caller(port, keeps_alive=False))
    for caller in callers:
        caller.start()
    try:
        yield callers
    finally:
        for caller in callers:
            caller.stop.set()
        for caller in callers:
            caller.join()
    assert [caller.failures for caller in callers] == [[]] * len(callers)
    assert all(caller.answers > 0 for caller in callers)


def test_certificates_change_under_traffic_without_a_failure(
    start_front: Any, upstream: str, another_pair: Callable[[], Any]
) -> None:
    running = start_front(upstream)
    port = running.settings.https_port
    with calling(port, kept=4):
        for _ in range(SWAPS):
            pair = another_pair()
            running.front.switch_certificate("web-server", pair.chain_pem, pair.key_pem)
            assert _served(port) == pair.der


def test_each_endpoint_has_a_certificate_of_its_own(
    start_front: Any, pair: Any, another_pair: Callable[[], Any]
) -> None:
    running = start_front()
    other = another_pair()
    running.front.switch_certificate("configuration-server", other.chain_pem, other.key_pem)
    assert _served(running.settings.configuration_port) == other.der
    assert _served(running.settings.https_port) == pair.der


def test_refused_certificate_leaves_the_former_one_served(
    start_front: Any, pair: Any, another_pair: Callable[[], Any]
) -> None:
    running = start_front()
    other = another_pair()
    for chain, key in ((other.chain_pem, pair.key_pem), ("nonsense", other.key_pem)):
        with pytest.raises(CertwrightError) as refusal:
            running.front.switch_certificate("web-server", chain, key)
        assert refusal.value.code is ErrorCode.FRONT_FAILED
        assert "Web Server" in refusal.value.message
        assert _served(running.settings.https_port) == pair.der
    running.front.switch_certificate("web-server", pair.chain_pem, pair.key_pem)
    running.front.switch_certificate("web-server", other.chain_pem, other.key_pem)
    assert _served(running.settings.https_port) == other.der


def test_a_front_that_is_slow_to_answer_is_waited_for(
    start_front: Any, another_pair: Callable[[], Any]
) -> None:
    running = start_front()
    other = another_pair()
    with pytest.raises(CertwrightError):
        running.front.switch_certificate("web-server", "nonsense", other.key_pem)
    goes_on = threading.Event()

    def go_on() -> None:
        goes_on.set()
        running.process.send_signal(signal.SIGCONT)

    running.process.send_signal(signal.SIGSTOP)
    # Longer than one question is waited for.
    threading.Timer(2.5, go_on).start()
    running.front.switch_certificate("web-server", other.chain_pem, other.key_pem, 30)
    assert goes_on.is_set()
    assert _served(running.settings.https_port) == other.der


def test_switching_works_from_another_process(
    start_front: Any, another_pair: Callable[[], Any], tmp_path: Path
) -> None:
    running = start_front()
    other = another_pair()
    settings = running.settings
    (tmp_path / "pair.json").write_text(json.dumps([other.chain_pem, other.key_pem]))
    program = f"""
import json, sys
from pathlib import Path, PosixPath
from certwright.front.front import Front
from certwright.front.settings import FrontSettings
front = Front({settings!r})
front.switch_certificate("web-server", *json.loads(Path(sys.argv[1]).read_text()))
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "pair.json")], check=True)
    assert _served(settings.https_port) == other.der


def test_session_of_the_former_certificate_is_not_resumed(
    start_front: Any, another_pair: Callable[[], Any], trusting: ssl.SSLContext
) -> None:
    """Else a client that comes back would not see the new certificate for hours."""
    running = start_front()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE

    def visit(session: ssl.SSLSession | None) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", running.settings.https_port), 10)
        connection = trusting.wrap_socket(plain, server_hostname="localhost", session=session)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(1000)
        return connection

    with visit(None) as first:
        session = first.session
    with visit(session) as again:
        assert again.session_reused
        session = again.session
    other = another_pair()
    running.front.switch_certificate("web-server", other.chain_pem, other.key_pem)
    with visit(session) as after:
        assert not after.session_reused
        assert after.getpeercert(binary_form=True) == other.der


def test_protocol_changes_without_a_restart(
    start_front: Any, upstream: str, client: httpx.Client
) -> None:
    running = start_front(upstream)
    settings = running.settings
    https, http = (
        f"https://localhost:{settings.https_port}/",
        f"http://localhost:{settings.http_port}/",
    )
    for _ in range(3):
        running.front.set_web_protocol(WebServerProtocol.HTTP)
        assert client.get(http).status_code == 200
        assert is_closed_soon(settings.https_port)
        running.front.set_web_protocol(WebServerProtocol.HTTPS)
        running.front.set_web_protocol(WebServerProtocol.HTTPS)
        assert client.get(https).status_code == 200
        assert is_closed_soon(settings.http_port)


def test_download_goes_on_while_the_protocol_changes(
    start_front: Any, upstream: str, client: httpx.Client
) -> None:
    running = start_front(upstream)
    size = 50 * 1024 * 1024
    url = f"https://localhost:{running.settings.https_port}/download/{size}"
    with client.stream("GET", url) as answer:
        parts = answer.iter_raw(65536)
        received = len(next(parts))
        running.front.set_web_protocol(WebServerProtocol.HTTP)
        received += sum(map(len, parts))
    assert received == size


def test_port_is_kept_while_the_protocol_does_not_need_it(start_front: Any) -> None:
    running = start_front()
    for protocol, port in (
        (WebServerProtocol.HTTP, running.settings.http_port),
        (WebServerProtocol.HTTPS, running.settings.https_port),
    ):
        with pytest.raises(OSError, match="in use"):
            socket.create_server(("127.0.0.1", port))
        running.front.set_web_protocol(protocol)
    assert _served(running.settings.https_port)


def test_port_that_cannot_be_had_is_told_at_the_start(start_front: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CertwrightError) as failure:
            start_front(ports=(0, 0, port, 0))
    assert failure.value.code is ErrorCode.FRONT_FAILED
    assert "Address already in use" in failure.value.message


def test_killed_envoy_comes_back_with_what_was_last_switched(
    start_front: Any, another_pair: Callable[[], Any]
) -> None:
    running = start_front()
    running.process.kill()
    running.process.wait(10)
    other = another_pair()
    running.front.switch_certificate("web-server", other.chain_pem, other.key_pem)
    again = running.restart()
    try:
        again.front.wait_until_listening(20, lambda: again.process.poll() is None)
        assert _served(again.settings.https_port) == other.der
    finally:
        again.process.terminate()
        again.process.wait(20)


def test_dead_envoy_is_not_waited_for(start_front: Any) -> None:
    running = start_front()
    running.process.kill()
    running.process.wait(10)
    begin = time.monotonic()
    with pytest.raises(CertwrightError) as failure:
        running.front.wait_until_listening(20, lambda: running.process.poll() is None)
    assert failure.value.code is ErrorCode.FRONT_FAILED
    assert time.monotonic() - begin < 15


def test_administration_is_for_the_nodes_account_alone(start_front: Any) -> None:
    running = start_front()
    folder = running.settings.runtime_folder
    assert stat.S_IMODE((folder / "admin.sock").stat().st_mode) == 0o600
    targets = list[str]()
    for descriptor in Path(f"/proc/{running.process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # the socket of our own last question, closed meanwhile
            targets.append(str(descriptor.readlink()))
    inodes = {target[len("socket:[") : -1] for target in targets if target.startswith("socket:")}
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {
        int(line[1].rpartition(":")[2], 16)
        for line in lines
        if line[3] == "0A" and line[9] in inodes
    }
    settings = running.settings
    assert listening == {
        settings.configuration_port,
        settings.https_port,
        settings.publication_port,
    }


def test_private_keys_stand_nowhere_but_in_the_secrets(start_front: Any, pair: Any) -> None:
    running = start_front()
    folder = running.settings.runtime_folder
    lines = pair.key_pem.splitlines()
    holding = {
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and lines[1] in path.read_text()
    }
    assert holding == {Path("secrets", f"{endpoint}.json") for endpoint in OwnEndpoint}
    for path in folder.rglob("*.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert lines[1] not in running.log.read_text()
    command = Path(f"/proc/{running.process.pid}/cmdline").read_text()
    assert "PRIVATE" not in command
