"""The embedded PostgreSQL: made whole or not at all, and taken over from a killed node."""

import json
import os
import resource
import stat
import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from certwright.database.engine import open_engine
from certwright.errors import ErrorCode

from .conftest import Cluster

_PATIENCE_SECONDS = 30.0


def write_number(cluster: Cluster, number: int) -> None:
    engine = open_engine(cluster.embedded.url)
    with engine.begin() as connection:
        connection.execute(text("create table if not exists numbers (number int)"))
        connection.execute(text("insert into numbers values (:number)"), {"number": number})
    engine.dispose()


def read_numbers(cluster: Cluster) -> list[int]:
    engine = open_engine(cluster.embedded.url)
    with engine.connect() as connection:
        numbers = list(connection.scalars(text("select number from numbers order by number")))
    engine.dispose()
    return numbers


def test_acknowledged_rows_survive_a_kill_of_the_server(cluster: Cluster) -> None:
    cluster.embedded.prepare()
    server = cluster.start()
    write_number(cluster, 1)
    server.kill()
    server.wait()
    cluster.embedded.prepare()
    cluster.start()
    assert read_numbers(cluster) == [1]


def test_leftover_server_of_a_killed_node_is_stopped_cleanly(cluster: Cluster) -> None:
    cluster.embedded.prepare()
    leftover = cluster.start()
    write_number(cluster, 1)
    cluster.embedded.prepare()
    assert leftover.wait(10) == 0
    cluster.start()
    assert read_numbers(cluster) == [1]


def test_process_that_got_a_dead_servers_number_is_left_alone(cluster: Cluster) -> None:
    cluster.embedded.prepare()
    process_file = cluster.embedded.cluster / "postmaster.pid"
    process_file.write_text(f"{os.getpid()}\n")
    cluster.embedded.prepare()  # SIGINT would end this test
    process_file.unlink()
    cluster.start()


@pytest.mark.parametrize("content", ["", "garbage", "-1\n", "99999999\n", "0\n"])
def test_damaged_process_file_keeps_nobody_from_starting(cluster: Cluster, content: str) -> None:
    cluster.embedded.prepare()
    (cluster.embedded.cluster / "postmaster.pid").write_text(content)
    cluster.embedded.prepare()


def test_unfinished_cluster_is_thrown_away(cluster: Cluster) -> None:
    unfinished = cluster.embedded.folder / "cluster.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("half of what initdb writes")
    cluster.embedded.prepare()
    assert not unfinished.exists()
    cluster.start()
    write_number(cluster, 1)


def test_folders_are_closed_to_others(cluster: Cluster) -> None:
    cluster.embedded.prepare()
    for folder in (cluster.embedded.folder, cluster.embedded.cluster):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster.embedded.socket_folder.stat().st_mode) == 0o700
    account = cluster.embedded.account
    if account is not None:
        assert cluster.embedded.cluster.stat().st_uid == account.user


def test_it_listens_on_no_network_address(cluster: Cluster) -> None:
    cluster.embedded.prepare()
    cluster.start()
    engine = open_engine(cluster.embedded.url)
    with engine.connect() as connection:
        assert connection.scalar(text("show listen_addresses")) == ""
    engine.dispose()


def test_initdb_of_a_node_just_killed_is_not_in_the_way(cluster: Cluster) -> None:
    embedded = cluster.embedded
    node = subprocess.Popen(
        [sys.executable, "-c", _HELD, str(embedded.folder), str(embedded.socket_folder)]
    )
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not any(embedded.folder.glob("cluster.unfinished*/base")):
        assert time.monotonic() < deadline
        assert node.poll() is None
        time.sleep(0.005)
    node.kill()
    node.wait()
    embedded.prepare()
    cluster.start()
    write_number(cluster, 1)
    assert read_numbers(cluster) == [1]


_PREPARE = """
import json, sys
from pathlib import Path
from certwright.database.account import database_account
from certwright.database.embedded import EmbeddedPostgreSQL
from certwright.errors import CertwrightError
folder, socket_folder = map(Path, sys.argv[1:])
try:
    EmbeddedPostgreSQL(folder, socket_folder, database_account()).prepare()
except CertwrightError as error:
    print(json.dumps([error.code, error.message, error.remedy]))
"""


# It never comes to an end, however long its killer takes to see that it has begun.
_HELD = "import time; from pathlib import Path; Path.rename = lambda *_: time.sleep(100)" + _PREPARE


def test_full_disk_leaves_nothing_half_made(cluster: Cluster) -> None:
    embedded = cluster.embedded
    result = subprocess.run(
        [sys.executable, "-c", _PREPARE, str(embedded.folder), str(embedded.socket_folder)],
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    code, message, remedy = json.loads(result.stdout)
    assert code == ErrorCode.DATA_FOLDER_UNUSABLE
    assert str(embedded.folder) in message
    assert "File too large" in message  # the reason, and not what initdb cleans up
    assert "--data" in remedy
    assert list(embedded.folder.iterdir()) == []
    embedded.prepare()  # the next start is fine
    cluster.start()
