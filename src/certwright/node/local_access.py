"""How the command line on the same machine reaches a running node."""

import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.whole_files import write_whole
from certwright.node.runtime_folder import RuntimeFolder

_PAUSE_SECONDS = 0.01


@contextmanager
def local_access(data: Path, runtime_folder: RuntimeFolder) -> Iterator[str]:
    """Leave socket and token in the data folder, whose owner may do everything anyway."""
    token = secrets.token_urlsafe(32)
    file = data / "node" / "local.json"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    content = {
        "pid": os.getpid(),
        "socket": str(runtime_folder.application_socket),
        "token": token,
    }
    write_whole(file, json.dumps(content).encode())
    try:
        yield token
    finally:
        file.unlink(missing_ok=True)


def wait_until_answering(path: Path, seconds: float, has_ended: Callable[[], bool]) -> None:
    """Return when the web application answers on its socket; raises INTERNAL otherwise."""
    deadline = time.monotonic() + seconds
    while not _answers(path):
        if has_ended() or time.monotonic() >= deadline:
            raise CertwrightError(
                ErrorCode.INTERNAL,
                "The web application does not start.",
                "Its log, log/application.log in the data folder, says why.",
            )
        time.sleep(_PAUSE_SECONDS)


def _answers(path: Path) -> bool:
    connection = HTTPConnection("localhost", timeout=5)
    try:
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.connect(str(path))
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
