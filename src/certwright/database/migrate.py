"""Bring the schema to the version this program needs."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from certwright.database.job_tables import provide_job_tables
from certwright.errors import CertwrightError, ErrorCode

HEAD = "0015"
"""The newest revision under migrations/versions; a test holds the two together."""

_SOLE_USE = 0x736F6C65
_LOCK = 0x63657274
"""Key of the advisory lock under which one node of several migrates."""


def migrate(engine: Engine) -> None:
    """Run the migrations that are missing, and provide the tables of the jobs.

    Raises `CertwrightError` INVALID_INPUT when the database was made by a newer program.
    """
    _upgrade(engine)
    provide_job_tables(engine)


def _upgrade(engine: Engine) -> None:
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    # Imported only when there is something to do: it takes its time.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        _refuse_beside_older(connection)
        configuration = Config()
        folder = str(Path(__file__).parent / "migrations").replace("%", "%%")  # it interpolates
        configuration.set_main_option("script_location", folder)
        configuration.attributes["connection"] = connection
        try:
            command.upgrade(configuration, HEAD)
        except CommandError as error:
            raise CertwrightError(
                ErrorCode.INVALID_INPUT,
                f"The database has schema version {_version(connection)}, "
                f"which this program does not know.",
                "Run the newer Certwright that made it, or restore a backup.",
            ) from error


def _refuse_beside_older(connection: Connection) -> None:
    """Nodes of before 0010 hold this lock, and cannot go on with the tables of today."""
    if not connection.scalar(text("select pg_try_advisory_xact_lock(:key)"), {"key": _SOLE_USE}):
        raise CertwrightError(
            ErrorCode.DATABASE_IN_USE,
            "An older node is running with this database.",
            "Stop it, then start the newer one: all nodes of a database are upgraded together.",
        )


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(
        text("select version_num from alembic_version")
    ).scalar_one_or_none()
    return version
