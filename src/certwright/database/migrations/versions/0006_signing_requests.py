"""Certificates for private keys that lie elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("renewals", sa.Column("signing_request", sa.LargeBinary))
