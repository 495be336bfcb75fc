"""The migrations make exactly the tables that the code uses."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from certwright.database import migrate as migrate_module
from certwright.database.access_tables import metadata
from certwright.database.migrate import HEAD, migrate
from certwright.errors import CertwrightError, ErrorCode


def test_head_is_the_newest_revision() -> None:
    configuration = Config()
    folder = str(migrate_module.__file__).removesuffix("migrate.py") + "migrations"
    configuration.set_main_option("script_location", folder)
    assert ScriptDirectory.from_config(configuration).get_current_head() == HEAD


def test_migrated_database_equals_the_tables(database: Engine) -> None:
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(database: Engine) -> None:
    migrate(database)
    with database.connect() as connection:
        versions = connection.execute(text("select version_num from alembic_version")).all()
    assert versions == [(HEAD,)]


def test_database_of_a_newer_program_is_refused(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(CertwrightError) as refused:
        migrate(database)
    assert refused.value.code is ErrorCode.INVALID_INPUT
    assert "9999" in refused.value.message
