"""Services are sealed by their node, so that whoever writes this database cannot change them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("services_of_nodes", sa.Column("seal", sa.Text))
    op.execute("drop view services")
    op.execute(
        "create view services as select name, kind, machine, configuration, options, "
        "environment, found, created_at, seal from services_of_nodes "
        "where node = current_setting('certwright.node')"
    )
