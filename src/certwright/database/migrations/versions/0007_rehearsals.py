"""Rehearsals: a renewal that is undone at its end."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "activations",
        sa.Column("rehearsal", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )
    op.add_column(
        "renewals",
        sa.Column("rehearsed_at", sa.Text, sa.ForeignKey("endpoints.name", ondelete="CASCADE")),
    )
