"""Fixtures that many tests share: a real PostgreSQL, and a fresh database in it for each test."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, make_url, text

from certwright.cli.client import Client
from certwright.cli.target import LocalTarget
from certwright.database.account import database_account
from certwright.database.embedded import EmbeddedPostgreSQL
from certwright.database.engine import open_engine, wait_until_reachable
from certwright.database.migrate import migrate
from certwright.stores.task_runner import ProcessRunner
from certwright.stores.windows import WindowsStore

from .contract.store_adapters import WINDOWS_MACHINE, Adapter, windows_adapter
from .unit.composed_server import NODE
from .windows.machine import WindowsMachine, windows_machine

# No time limit for an example, nor for making it (the first text in a fresh checkout reads all of
# Unicode): on a busy machine it fails for no reason. What must be fast says so in its own test.
settings.register_profile("certwright", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("certwright")

_numbers = count(1)
_MEMORY = Path("/dev/shm")
_MEMORY_BYTES = 4 << 30


def pytest_configure() -> None:
    """Put the folders of the tests into memory, where there is enough of it.

    Hundreds of databases are made and thrown away, which costs ten times the processor time on a
    disk.
    """
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _MEMORY_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server of this test run, on a Unix socket."""
    socket_folder = Path(tempfile.mkdtemp(prefix="certwright-test-", dir=_MEMORY))
    socket_folder.chmod(0o711)
    server = EmbeddedPostgreSQL(
        folder=tmp_path_factory.mktemp("postgresql"),
        socket_folder=socket_folder / "database",
        account=database_account(),
    )
    server.prepare()
    descriptor = os.open(server.cluster, os.O_PATH | os.O_DIRECTORY)
    account = server.account
    process = subprocess.Popen(
        [*server.command(descriptor), "-c", "fsync=off"],
        pass_fds=(descriptor,),
        cwd="/",
        stderr=subprocess.DEVNULL,
        user=account.user if account else None,
        group=account.group if account else None,
        extra_groups=[] if account else None,
    )
    os.close(descriptor)
    engine = open_engine(server.url)
    wait_until_reachable(engine, 30)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("create database migrated"))
    engine.dispose()
    migrated = open_engine(_database_url(server.url, "migrated"), NODE)
    migrate(migrated)
    migrated.dispose()
    yield server.url
    process.send_signal(signal.SIGINT)
    process.wait(60)
    shutil.rmtree(socket_folder)


@pytest.fixture
def database(postgresql: str) -> Iterator[Engine]:
    """An engine on a database of this test's own, with all tables and no rows."""
    with _new_database(postgresql) as engine:
        yield engine


@pytest.fixture(scope="module")
def module_database(postgresql: str) -> Iterator[Engine]:
    """As `database`, one that all tests of a module share."""
    with _new_database(postgresql) as engine:
        yield engine


@contextmanager
def _new_database(postgresql: str) -> Iterator[Engine]:
    name = f"test_{next(_numbers)}"
    administration = open_engine(postgresql)
    with administration.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"create database {name} template migrated strategy file_copy"))
        engine = open_engine(_database_url(postgresql, name), NODE)
        yield engine
        engine.dispose()
        connection.execute(text(f"drop database {name} with (force)"))
    administration.dispose()


@pytest.fixture(scope="session")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WindowsMachine]:
    """A Windows machine of this test run."""
    with windows_machine(tmp_path_factory.mktemp("windows")) as machine:
        yield machine


@pytest.fixture(scope="session")
def windows_tasks(windows: WindowsMachine) -> Iterator[ProcessRunner]:
    """Does tasks there, one process for all tests."""
    with windows.runner() as runner:
        yield runner


@pytest.fixture
def windows_store(windows: WindowsMachine, windows_tasks: ProcessRunner) -> Iterator[Adapter]:
    """The Windows Certificate Store, without what the test before put there."""
    made = windows_adapter(windows_tasks, is_wine=windows.is_wine)
    yield made
    made.clear()


@pytest.fixture
def windows_store_elsewhere(windows: WindowsMachine) -> Iterator[WindowsStore]:
    """The same store, used by another process of that machine."""
    with windows.runner() as runner:
        yield WindowsStore(WINDOWS_MACHINE, runner)


def _database_url(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@dataclass
class RunningNode:
    """A `certwright up` of a test, and what its ready file says."""

    process: subprocess.Popen[str]
    data: Path
    ready: dict[str, Any]

    @property
    def root_file(self) -> Path:
        """The PEM of the node's root."""
        return Path(self.ready["root_file"])

    def port(self, url: str) -> int:
        """The port of one of the ready file's addresses."""
        port: int | None = urlsplit(self.ready[url]).port
        assert port is not None
        return port

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line against this node."""
        return run_certwright(*arguments, "--data", str(self.data))

    def json(self, *arguments: str) -> Any:
        """What a command answers with --json; it must succeed."""
        result = self.command(*arguments, "--json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def client(self) -> Client:
        """Calls without the start of a command, for what is asked again and again."""
        return Client(LocalTarget(self.data))

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def run_certwright(*arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "certwright", *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


NodeStarter = Callable[..., RunningNode]

ANY_PORTS = (
    *("--configuration-port", "0", "--http-port", "0"),
    *("--https-port", "0", "--publication-port", "0"),
)


@pytest.fixture
def start_node(tmp_path: Path) -> Iterator[NodeStarter]:
    """Starts nodes and waits until they are ready; stops those that still run at the end."""
    with _nodes_in(tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def start_module_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeStarter]:
    """As `start_node`, for a node that all tests of a module share."""
    with _nodes_in(tmp_path_factory.mktemp("node")) as start:
        yield start


@contextmanager
def _nodes_in(folder: Path) -> Iterator[NodeStarter]:
    started: list[subprocess.Popen[str]] = []

    def start(
        *options: str, data: Path | None = None, ports: tuple[str, ...] = ANY_PORTS
    ) -> RunningNode:
        data_folder = data or folder / "data"
        ready_file = folder / f"ready-{next(_numbers)}.json"
        log_file = folder / f"up-{next(_numbers)}.log"
        names = () if "--name" in options else ("--name", "localhost")
        with log_file.open("w") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "certwright", "up", "--data", str(data_folder)),
                    *("--ready-file", str(ready_file), *ports, *names, *options),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )
        started.append(process)
        deadline = time.monotonic() + 120
        while not ready_file.exists():
            assert process.poll() is None, log_file.read_text()
            assert time.monotonic() < deadline, log_file.read_text()
            time.sleep(0.01)
        return RunningNode(process, data_folder, json.loads(ready_file.read_text()))

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in started:
        process.wait(60)
