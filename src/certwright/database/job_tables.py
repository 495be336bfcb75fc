"""The tables of procrastinate, which keeps the durable jobs: in a schema of their own.

They are made and brought up to date from the SQL that the installed release brings, so a newer
release needs no migration of ours.
"""

from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from certwright.database.facts import keep_fact, read_fact

JOB_SCHEMA = "jobs"
_FACT = "job-table-migrations"
_LOCK = 0x6A6F6273


def provide_job_tables(engine: Engine) -> None:
    """Make the tables, or run the migrations that came with a newer release."""
    folder = _sql_folder()
    there = sorted(path.name for path in (folder / "migrations").glob("*.sql"))
    with engine.connect() as connection:
        if read_fact(connection, _FACT) == there:
            return
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        applied = read_fact(connection, _FACT)
        connection.execute(text(f"create schema if not exists {JOB_SCHEMA}"))
        connection.execute(text(f"set local search_path to {JOB_SCHEMA}"))
        if applied is None:
            _run(connection, folder / "schema.sql")
        else:
            for name in there:
                if name not in applied:
                    _run(connection, folder / "migrations" / name)
        connection.execute(text("set local search_path to default"))
        keep_fact(connection, _FACT, there)


def _sql_folder() -> Path:
    # Found without importing the package, which would take a good part of a node's start.
    spec = find_spec("procrastinate")
    assert spec is not None  # noqa: S101 - a dependency
    assert spec.origin is not None  # noqa: S101 - of plain files
    return Path(spec.origin).parent / "sql"


def _run(connection: Connection, script: Path) -> None:
    # By the driver itself: a script has many statements, and percent signs that stand for nothing.
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - the connection is open
    driver.execute(script.read_text(encoding="utf-8"))
