"""The tables of the nodes that share the database, and of single facts by their names."""

from sqlalchemy import Boolean, Column, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from certwright.database.tables import TIME
from certwright.database.tables import metadata as metadata

nodes = Table(
    "nodes",
    metadata,
    Column("name", Text, primary_key=True),
    # The first of its names, by which people know it.
    Column("server_name", Text, nullable=False),
    Column("version", Text, nullable=False),
    # By the database's clock, which all nodes share.
    Column("seen_at", TIME, nullable=False, server_default=text("now()")),
    # Whether it was told that it is silent.
    Column("missed", Boolean, nullable=False, server_default=text("false")),
)

node_facts = Table(
    "node_facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
)
