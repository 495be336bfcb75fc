"""Certificates for clients: what a renewal is to bring is for servers, clients or both."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column(
        "renewals",
        sa.Column("profile", sa.Text, nullable=False, server_default=sa.text("'server'")),
    )
