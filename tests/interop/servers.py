"""Programs of Debian packages that listen on a loopback port: found, waited for, ended."""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import count, islice

import pytest

LOOPBACK = "127.0.0.1"
PROGRAM_PATH = "/usr/sbin:/usr/bin:/usr/local/bin:/sbin:/bin"
_FIRST_PORT, _PORTS_EACH, _MOST_WORKERS = 10_000, 6_000, 3

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
    """A port of the loopback address that nobody listens on, nor will before its user does.

    From below the ports that the system itself gives away, to each process of a test run its own.
    """
    for port in islice(_ports, _PORTS_EACH):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return port
    pytest.fail("No port is free.")


def _ports_of_this_process() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = _FIRST_PORT + worker % _MOST_WORKERS * _PORTS_EACH
    begin = secrets.randbelow(_PORTS_EACH)
    return (first + (begin + step) % _PORTS_EACH for step in count())


_ports = _ports_of_this_process()


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
