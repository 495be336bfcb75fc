"""An embedded PostgreSQL that a test starts, kills and starts again."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from certwright.database.account import database_account
from certwright.database.embedded import EmbeddedPostgreSQL
from certwright.database.engine import open_engine, wait_until_reachable


@dataclass
class Cluster:
    """The embedded PostgreSQL of one test, and the servers started on it."""

    embedded: EmbeddedPostgreSQL
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        """Start a server on the prepared cluster and wait until it answers."""
        descriptor = os.open(self.embedded.cluster, os.O_PATH | os.O_DIRECTORY)
        account = self.embedded.account
        server = subprocess.Popen(
            self.embedded.command(descriptor),
            pass_fds=(descriptor,),
            cwd="/",
            stderr=subprocess.DEVNULL,
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
        )
        os.close(descriptor)
        self.servers.append(server)
        engine = open_engine(self.embedded.url)
        wait_until_reachable(engine, 30)
        engine.dispose()
        return server

    def stop(self) -> None:
        """End every server of the test."""
        for server in self.servers:
            if server.poll() is None:
                server.send_signal(signal.SIGINT)
                server.wait(30)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    room = Path(tempfile.mkdtemp(prefix="certwright-test-", dir="/dev/shm"))
    room.chmod(0o711)
    made = Cluster(EmbeddedPostgreSQL(tmp_path / "database", room / "socket", database_account()))
    yield made
    made.stop()
    shutil.rmtree(room)
