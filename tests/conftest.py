"""Fixtures that many tests share: a real PostgreSQL, and a fresh database in it for each test."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from certwright.database.account import database_account
from certwright.database.embedded import EmbeddedPostgreSQL
from certwright.database.engine import open_engine, wait_until_reachable
from certwright.database.migrate import migrate

_numbers = count(1)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server of this test run, on a Unix socket."""
    socket_folder = Path(tempfile.mkdtemp(prefix="certwright-test-", dir="/dev/shm"))
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
    migrated = open_engine(_database_url(server.url, "migrated"))
    migrate(migrated)
    migrated.dispose()
    yield server.url
    process.send_signal(signal.SIGINT)
    process.wait(20)
    shutil.rmtree(socket_folder)


@pytest.fixture
def database(postgresql: str) -> Iterator[Engine]:
    """An engine on a database of this test's own, with all tables and no rows."""
    name = f"test_{next(_numbers)}"
    administration = open_engine(postgresql)
    with administration.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"create database {name} template migrated"))
        engine = open_engine(_database_url(postgresql, name))
        yield engine
        engine.dispose()
        connection.execute(text(f"drop database {name} with (force)"))
    administration.dispose()


def _database_url(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)
