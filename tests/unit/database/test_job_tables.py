"""The tables of the jobs: made once, brought up to date, and apart from our own."""

from sqlalchemy import Engine, delete, inspect, select, text, update

from certwright.database.job_tables import JOB_SCHEMA, provide_job_tables
from certwright.database.migrate import migrate
from certwright.database.node_tables import node_facts


def applied(database: Engine) -> list[str]:
    with database.connect() as connection:
        names: list[str] = connection.execute(
            select(node_facts.c.value).where(node_facts.c.name == "job-table-migrations")
        ).scalar_one()
    return names


def test_they_stand_in_a_schema_of_their_own(database: Engine) -> None:
    names = inspect(database).get_table_names(JOB_SCHEMA)
    assert "procrastinate_jobs" in names
    assert not any(name.startswith("procrastinate") for name in inspect(database).get_table_names())


def test_providing_twice_changes_nothing(database: Engine) -> None:
    before = applied(database)
    provide_job_tables(database)
    assert applied(database) == before


def test_migrations_of_a_newer_release_are_run(database: Engine) -> None:
    *older, newest = applied(database)
    with database.begin() as connection:
        # As if the release before the newest migration had made them.
        connection.execute(text(f"set local search_path to {JOB_SCHEMA}"))
        connection.execute(text("drop function procrastinate_retry_job_v2"))
        connection.execute(text("set local search_path to default"))
        connection.execute(
            update(node_facts)
            .where(node_facts.c.name == "job-table-migrations")
            .values(value=older)
        )
    migrate(database)
    assert applied(database) == [*older, newest]


def test_a_database_of_a_release_without_jobs_gets_them(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text(f"drop schema {JOB_SCHEMA} cascade"))
        connection.execute(delete(node_facts).where(node_facts.c.name == "job-table-migrations"))
    migrate(database)
    assert "procrastinate_jobs" in inspect(database).get_table_names(JOB_SCHEMA)
