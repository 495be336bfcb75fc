"""What alembic runs: the migrations, on the connection that `migrate` opened."""

from alembic import context

from certwright.database.access_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
