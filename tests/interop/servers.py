"""Programs of Debian packages that listen on a loopback port: found, waited for, ended."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable

import pytest

LOOPBACK = "127.0.0.1"
PROGRAM_PATH = "/usr/sbin:/usr/bin:/usr/local/bin:/sbin:/bin"

Start = Callable[..., None]
"""Starts a command, given its package, its port and, if need be, the account it runs under."""
StartServer = Callable[..., int]
"""Starts a server with the options given; returns its port."""


def program(name: str, package: str) -> str:
    """The path of a program of a Debian package."""
    found = shutil.which(name, path=PROGRAM_PATH)
    if found is None:
        pytest.fail(f"The Debian package {package} is not installed.")
    return found


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    """Return when it takes connections; fail if it ends before, or takes longer than 30 s."""
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection((LOOPBACK, port), 1).close()
        except OSError:
            assert process.poll() is None, f"{process.args!r} ended by itself"
            assert time.monotonic() < deadline, f"{process.args!r} does not listen"
            time.sleep(0.02)
        else:
            return


def end(running: list[subprocess.Popen[bytes]]) -> None:
    """SIGTERM for all, and SIGKILL for those that do not heed it within 20 s."""
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate(timeout=20)
