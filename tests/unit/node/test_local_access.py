"""How the command line of the same machine finds and trusts a running node."""

import json
import os
import socketserver
import stat
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.node.local_access import local_access, wait_until_answering
from certwright.node.runtime_folder import RuntimeFolder


@pytest.fixture
def runtime_folder() -> Iterator[RuntimeFolder]:
    with TemporaryDirectory(prefix="certwright-test-", dir="/dev/shm") as folder:
        made = RuntimeFolder(Path(folder))
        made.application_socket.parent.mkdir()
        yield made


def test_token_lies_closed_in_the_data_folder_while_the_node_runs(
    tmp_path: Path, runtime_folder: RuntimeFolder
) -> None:
    file = tmp_path / "node" / "local.json"
    with local_access(tmp_path, runtime_folder) as token:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert json.loads(file.read_text()) == {
            "pid": os.getpid(),
            "socket": str(runtime_folder.application_socket),
            "token": token,
        }
        assert len(token) >= 43  # 32 octets in base64
    assert not file.exists()


def test_each_start_has_a_token_of_its_own(tmp_path: Path, runtime_folder: RuntimeFolder) -> None:
    with local_access(tmp_path, runtime_folder) as one:
        pass
    with local_access(tmp_path, runtime_folder) as other:
        pass
    assert one != other


class _Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def address_string(self) -> str:
        return "local"

    def log_message(self, *_: object) -> None:
        pass


def test_wait_ends_when_the_application_answers(runtime_folder: RuntimeFolder) -> None:
    path = runtime_folder.application_socket
    started: list[socketserver.UnixStreamServer] = []

    def start() -> None:
        server = socketserver.UnixStreamServer(str(path), _Ready)
        started.append(server)
        server.serve_forever(0.01)

    later = threading.Timer(0.2, start)
    later.start()
    wait_until_answering(path, 10, lambda: False)
    started[0].shutdown()
    started[0].server_close()
    later.join()


@pytest.mark.parametrize(("has_ended", "seconds"), [(True, 20.0), (False, 0.2)])
def test_application_that_does_not_start_is_told_of(
    runtime_folder: RuntimeFolder, has_ended: bool, seconds: float
) -> None:
    begun = time.monotonic()
    with pytest.raises(CertwrightError) as error:
        wait_until_answering(runtime_folder.application_socket, seconds, lambda: has_ended)
    assert error.value.code is ErrorCode.INTERNAL
    assert "application.log" in error.value.remedy
    assert (time.monotonic() - begun < seconds) == has_ended
