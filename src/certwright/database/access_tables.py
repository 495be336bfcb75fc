"""The tables of who may do what; every time is UTC."""

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from certwright.database.node_tables import metadata as metadata
from certwright.database.tables import TIME

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("right", Text, nullable=False),
    Column("created_at", TIME, nullable=False),
)

log_in_attempts = Table(
    "log_in_attempts",
    metadata,
    # A hash of whom or where the row limits: people type passwords into the name's field.
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", TIME, nullable=False, index=True),
    Column("locked_until", TIME),
    Column("known_until", TIME),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("user_name", Text, ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("form_token", Text, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("last_seen_at", TIME, nullable=False),
    Column("expires_at", TIME, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("name", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("right", Text, nullable=False),
    Column("created_at", TIME, nullable=False),
)
