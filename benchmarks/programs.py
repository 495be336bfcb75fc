"""Programs that a benchmark drives: found, pinned to cores, started, and ended again."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_DEBIAN_PACKAGES = {"nginx": "nginx-light", "openssl": "openssl", "wrk": "wrk", "curl": "curl"}
_STOP_SECONDS = 30.0


class MissingProgram(Exception):  # noqa: N818 - says what it is
    """A program that the benchmark needs is not installed."""


def program(name: str) -> str:
    """Its path, from PATH or beside this Python; raises MissingProgram naming the package."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name, path=_search_path())
    if found is None:
        package = _DEBIAN_PACKAGES.get(name, name)
        raise MissingProgram(f"{name} is missing; install the package {package}.")
    return found


def _search_path() -> str:
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


@contextmanager
def pinned(cores: set[int]) -> Iterator[None]:
    """What is started in here runs on these cores only, and counts its workers by them."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running(
    command: Sequence[str], environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The program in the background, ended by SIGTERM afterwards."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(_STOP_SECONDS)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, seconds: float = 15.0) -> None:
    """Return when somebody listens on 127.0.0.1; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError(f"nobody listens on port {port}")


def processor_seconds(process_id: int) -> float:
    """Processor time that the process and its children have used so far (proc(5), stat)."""
    ticks = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = file.read_text()
        except OSError:
            continue
        fields = text.rpartition(")")[2].split()
        if process_id in (int(text.split()[0]), int(fields[1])):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
