"""Programs of Debian packages that listen on a loopback port: found, waited for, ended."""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count, islice

import pytest

LOOPBACK = "127.0.0.1"
PROGRAM_PATH = "/usr/sbin:/usr/bin:/usr/local/bin:/sbin:/bin"
_PORTS = range(10_000, 32_768)

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

    From below the ports that the system itself gives away, and claimed until this process ends:
    no other process that tests on this machine is given it.
    """
    for port in islice(_ports, len(_PORTS)):
        if _claim(port) and _nobody_listens_on(port):
            return port
    pytest.fail("No port is free.")


def _claim(port: int) -> bool:
    """Whether this process, and no other, has the lock on the byte of that number."""
    try:
        fcntl.lockf(_claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _claims() -> int:
    file = f"/dev/shm/certwright-test-ports-{os.geteuid()}"
    return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)


def _nobody_listens_on(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _round_and_round(begin: int) -> Iterator[int]:
    return (_PORTS[(begin + step) % len(_PORTS)] for step in count())


_ports = _round_and_round(secrets.randbelow(len(_PORTS)))


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


def wait_until_open(port: int) -> None:
    """Return when a program that runs already takes connections there; fail after 30 s."""
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection((LOOPBACK, port), 10).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, f"nobody listens on {port}"
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


def end_what_is_left_of(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for what an ended process, the first of its process group, left running in it.

    A server's child that goes on for a second makes a folder anew that is deleted meanwhile.
    """
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
