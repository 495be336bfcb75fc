"""Requests that go out to people who sign by hand, and the answers they bring."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "by_hand_requests",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column(
            "authority", sa.Text, sa.ForeignKey("authorities.name"), nullable=False, index=True
        ),
        sa.Column("names", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("key_fingerprint", sa.Text, nullable=False, index=True),
        sa.Column("signing_request", sa.LargeBinary, nullable=False),
        sa.Column("lifetime", sa.Interval, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("refusal", sa.Text),
        sa.Column("answered_at", _TIME),
    )
