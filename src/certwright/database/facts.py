"""Single facts that all nodes of a database share, by their names.

A name may be an expression of the database, as for what is a node's own.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.dialects.postgresql import insert

from certwright.database.node_tables import node_facts


def read_fact(connection: Connection, name: str | ColumnElement[str]) -> Any:
    """What was kept last under that name, as JSON; None if nothing was."""
    return connection.scalar(select(node_facts.c.value).where(node_facts.c.name == name))


def keep_fact(connection: Connection, name: str | ColumnElement[str], value: Any) -> None:
    """Keep `value`, which JSON can hold, in place of what was kept under that name."""
    statement = insert(node_facts).values(name=name, value=value)
    changed = {"value": statement.excluded.value}
    connection.execute(
        statement.on_conflict_do_update(index_elements=[node_facts.c.name], set_=changed)
    )
