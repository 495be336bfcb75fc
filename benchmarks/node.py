"""A node that a benchmark drives, its database and a log-in to its Designer."""

import json
import ssl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine

from benchmarks.programs import program, running
from certwright.database.embedded import EmbeddedPostgreSQL
from certwright.database.engine import open_engine

PASSWORD = "a password of the benchmark"
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class BenchmarkNode:
    """A running `certwright up`: its data folder, and what its ready file says."""

    data: Path
    ready: dict[str, Any]

    @property
    def address(self) -> str:
        """Of the Designer, without a slash at the end."""
        return str(self.ready["designer_url"]).rstrip("/")

    def log_in(self) -> httpx.Client:
        """A client on kept-alive connections with the admin's session."""
        trust = ssl.create_default_context(cafile=self.ready["root_file"])
        client = httpx.Client(base_url=self.address, verify=trust, timeout=_PATIENCE_SECONDS)
        form = {"name": "admin", "password": PASSWORD}
        answer = client.post("/log-in", data=form, headers={"Origin": self.address})
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
        return client


@contextmanager
def running_node() -> Iterator[BenchmarkNode]:
    """Start one in a folder of its own; it is ready and proven."""
    with tempfile.TemporaryDirectory(prefix="certwright-benchmark-") as folder:
        data, ready_file, password = (Path(folder, name) for name in ("data", "ready", "password"))
        password.write_text(PASSWORD)
        password.chmod(0o600)
        ports = ("configuration", "http", "https", "publication")
        command = [
            *(program("certwright"), "up", "--data", str(data), "--name", "localhost"),
            *("--bind", "127.0.0.1", "--ready-file", str(ready_file)),
            *("--admin-password-file", str(password)),
            *(option for port in ports for option in (f"--{port}-port", "0")),
        ]
        with running(command) as process:
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while not ready_file.exists():
                assert process.poll() is None, "the node did not come up"
                assert time.monotonic() < deadline, "the node did not come up in time"
                time.sleep(0.01)
            yield BenchmarkNode(data, json.loads(ready_file.read_text()))


def database_of(data: Path) -> Engine:
    """The embedded database of the node that runs on this data folder."""
    local = json.loads((data / "node" / "local.json").read_text())
    sockets = Path(local["socket"]).parent.parent / "database"
    url = EmbeddedPostgreSQL(data / "database", sockets, account=None).url
    return open_engine(url, (data / "node-name").read_text().strip())
