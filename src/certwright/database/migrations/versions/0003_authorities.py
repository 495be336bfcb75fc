"""Authorities beside our own: their settings and secrets, and answers to their challenges."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("root", "intermediate"):
        op.alter_column("authorities", name, nullable=True)
    op.add_column(
        "authorities",
        sa.Column("settings", postgresql.JSONB, nullable=False, server_default=sa.text("'{}'")),
    )
    op.add_column("authorities", sa.Column("encrypted_secrets", sa.LargeBinary))
    op.create_table(
        "challenge_answers",
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column("key_authorization", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
    )
