"""Requests by hand for clients: what people sign is for servers, clients or both."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0011"


def upgrade() -> None:
    op.add_column(
        "by_hand_requests",
        sa.Column("profile", sa.Text, nullable=False, server_default=sa.text("'server'")),
    )
