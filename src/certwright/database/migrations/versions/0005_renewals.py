"""Renewals on record, services that use certificates, and settings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

_TIME = sa.DateTime(timezone=True)
_FINGERPRINT = "certificates.fingerprint"


def upgrade() -> None:
    _add_services()
    _add_renewals()
    _extend_activations()
    op.create_table(
        "settings",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", postgresql.JSONB),
        sa.Column("encrypted_secret", sa.LargeBinary),
        sa.Column("changed_at", _TIME, nullable=False),
    )


def _add_services() -> None:
    op.create_table(
        "services",
        sa.Column("name", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("kind", "machine", "configuration", "environment")
        ),
        *(sa.Column(name, postgresql.JSONB, nullable=False) for name in ("options", "found")),
        sa.Column("created_at", _TIME, nullable=False),
    )
    for column in (
        sa.Column("service", sa.Text, sa.ForeignKey("services.name", ondelete="CASCADE")),
        sa.Column(
            "names", postgresql.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")
        ),
        sa.Column("addresses", postgresql.JSONB, nullable=False, server_default=sa.text("'[]'")),
        sa.Column("authority", sa.Text, sa.ForeignKey("authorities.name")),
        sa.Column("renewal_key", sa.Text, nullable=False, server_default=sa.text("'new'")),
        sa.Column("window", sa.Text, nullable=False, server_default=sa.text("''")),
    ):
        op.add_column("endpoints", column)


def _add_renewals() -> None:
    op.create_table(
        "renewals",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("certificate", sa.Text, sa.ForeignKey(_FINGERPRINT, ondelete="SET NULL")),
        sa.Column("names", postgresql.ARRAY(sa.Text), nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in (
                *("authority", "renewal_key", "key_type", "actor"),
                *("reason", "state", "sentence"),
            )
        ),
        sa.Column("lifetime_seconds", sa.BigInteger, nullable=False),
        sa.Column("key_fingerprint", sa.Text),
        *(sa.Column(name, postgresql.JSONB, nullable=False) for name in ("memory", "steps")),
        sa.Column("issued", sa.Text, sa.ForeignKey(_FINGERPRINT, ondelete="SET NULL")),
        sa.Column("agreed", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("again_at", _TIME),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
    )
    op.create_index(
        "renewals_at_work",
        "renewals",
        ["certificate"],
        unique=True,
        postgresql_where=sa.text("finished_at is null"),
    )
    op.create_index("renewals_by_issued", "renewals", ["issued"])
    op.create_table(
        "suggested_windows",
        sa.Column(
            "certificate",
            sa.Text,
            sa.ForeignKey(_FINGERPRINT, ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("starts_at", _TIME),
        sa.Column("ends_at", _TIME),
        sa.Column("explanation", sa.Text, nullable=False),
        sa.Column("look_again_at", _TIME, nullable=False),
    )


def _extend_activations() -> None:
    op.add_column("activations", sa.Column("renewal", sa.BigInteger, sa.ForeignKey("renewals.id")))
    op.drop_constraint("activations_endpoint_fkey", "activations")
    op.create_foreign_key(
        "activations_endpoint_fkey",
        "activations",
        "endpoints",
        ["endpoint"],
        ["name"],
        ondelete="CASCADE",
    )
