"""PostgreSQL takes its set as the README says, and its clients verify it."""

import shutil
from pathlib import Path

import certifi
import psycopg
import pytest
from tests.interop.export.conftest import NAME, MakeSet, account_of, run
from tests.interop.servers import LOOPBACK, Start, free_port

from certwright.database.engine import open_engine, wait_until_reachable
from certwright.x509.writing.sets.ready_set import ReadySet

PACKAGE = "postgresql"


def newest(name: str) -> str:
    """One of Debian's programs: the embedded PostgreSQL is built without TLS."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not found:
        pytest.fail(f"The Debian package {PACKAGE} is not installed.")
    return str(found[-1])


def test_postgresql(make_set: MakeSet, start: Start, folder: Path) -> None:
    unpacked = make_set(ReadySet.POSTGRESQL)
    account, port, cluster = account_of("postgres"), free_port(), folder / "cluster"
    if account:
        shutil.chown(folder, account)
    initdb = [newest("initdb"), "-D", str(cluster), "-U", "todd", "-A", "trust", "-N"]
    run(initdb, PACKAGE, account=account)
    for name in ("server.crt", "server.key"):
        shutil.copy(folder / name, cluster)
        if account:
            shutil.chown(cluster / name, account, account)
    with (cluster / "postgresql.conf").open("a") as file:
        file.write("\n" + unpacked.lines("Configuration") + "\n")
    server = [newest("postgres"), "-D", str(cluster), "-p", str(port), "-h", LOOPBACK]
    start([*server, "-k", str(folder), "-c", "fsync=off"], PACKAGE, port, account)

    engine = open_engine(f"postgresql://todd@{LOOPBACK}:{port}/postgres")
    wait_until_reachable(engine, 30)  # it listens before it lets anybody in
    engine.dispose()

    check = unpacked.lines("Check")
    connection_string = check.removeprefix('psql "').removesuffix('"')
    assert connection_string == f"host={NAME} sslmode=verify-full sslrootcert=root.crt"
    connection_string = connection_string.replace("root.crt", str(folder / "root.crt"))
    with psycopg.connect(
        f"{connection_string} hostaddr={LOOPBACK} port={port} user=todd dbname=postgres"
    ) as connection:
        assert connection.execute("show ssl").fetchone() == ("on",)
        row = connection.execute(
            "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"
        )
        assert row.fetchone() == (True, "TLSv1.3")
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(
            f"host={NAME} hostaddr={LOOPBACK} port={port} user=todd dbname=postgres "
            f"sslmode=verify-full sslrootcert={certifi.where()}"
        )
