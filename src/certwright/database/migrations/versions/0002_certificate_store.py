"""The certificate store: archived entries, keys that stay, imports that are only looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "store_entries",
        sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.alter_column("store_entries", "archived", server_default=None)
    op.add_column(
        "private_keys",
        sa.Column("exportable", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.alter_column("private_keys", "exportable", server_default=None)
    op.create_table(
        "import_drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_import_drafts_created_at", "import_drafts", ["created_at"])
