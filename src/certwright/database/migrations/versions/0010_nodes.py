"""Several nodes on one database: what belongs to a node knows it, and is seen by it as before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

_TIME = sa.DateTime(timezone=True)
_THIS_NODE = sa.text("current_setting('certwright.node')")
# Each table of rows that belong to a node, with the name by which a node knows them.
_KEYS = {
    "services": ["node", "name"],
    "endpoints": ["node", "name"],
    "activations": None,
    "telling_channels": ["node", "channel"],
}


def upgrade() -> None:
    op.create_table(
        "nodes",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("server_name", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False, server_default=sa.text("now()")),
        sa.Column("missed", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )
    for table, name in (
        ("activations", "activations_endpoint_fkey"),
        ("renewals", "renewals_rehearsed_at_fkey"),
        ("endpoints", "endpoints_service_fkey"),
    ):
        op.drop_constraint(name, table)
    op.drop_index("activations_by_endpoint", "activations")
    # What is there already is of the node that runs this.
    for table in (*_KEYS, "renewals", "events", "issuances"):
        op.add_column(table, sa.Column("node", sa.Text, nullable=False, server_default=_THIS_NODE))
    op.add_column("renewals", sa.Column("rehearsed_on", sa.Text))
    op.add_column(
        "renewals",
        sa.Column("waits", postgresql.JSONB, nullable=False, server_default=sa.text("'{}'")),
    )
    op.execute("update renewals set rehearsed_on = node where rehearsed_at is not null")
    for table, key in _KEYS.items():
        if key is not None:
            op.drop_constraint(f"{table}_pkey", table)
            op.create_primary_key(f"{table}_pkey", table, key)
        op.rename_table(table, f"{table}_of_nodes")
    _refer("endpoints_of_nodes", ["node", "service"], "services_of_nodes")
    _refer("renewals", ["rehearsed_on", "rehearsed_at"], "endpoints_of_nodes")
    _refer("activations_of_nodes", ["node", "endpoint"], "endpoints_of_nodes")
    op.create_index(
        "activations_by_endpoint",
        "activations_of_nodes",
        ["node", "endpoint", sa.text("id desc")],
    )
    for table in _KEYS:
        _make_view(table)


def _refer(table: str, columns: list[str], other: str) -> None:
    op.create_foreign_key(None, table, other, columns, ["node", "name"], ondelete="CASCADE")


def _make_view(name: str) -> None:
    found = sa.inspect(op.get_bind()).get_columns(f"{name}_of_nodes")
    columns = ", ".join(f'"{one["name"]}"' for one in found if one["name"] != "node")
    op.execute(
        f"create view {name} as select {columns} from {name}_of_nodes "  # noqa: S608 - ours alone
        "where node = current_setting('certwright.node')"
    )
