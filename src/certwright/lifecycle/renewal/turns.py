"""Whose turn a renewal is where several nodes share the database.

The node that began a renewal goes on with it. Up to the new certificate in the store any other one
takes it over when that node falls silent; each node selects, activates and proves for itself.
"""

from sqlalchemy import ColumnElement, Connection, and_, case, exists, or_, select

from certwright.database.node_tables import nodes
from certwright.database.node_views import THIS_NODE
from certwright.database.tables import endpoints_of_nodes, renewals
from certwright.lifecycle.nodes import IS_SILENT


def is_our_turn() -> ColumnElement[bool]:
    """Whether this node is to go on with a row of `renewals`, as an expression of SQL."""
    theirs = nodes.c.name == renewals.c.node
    is_missing = or_(exists().where(theirs, IS_SILENT), ~exists().where(theirs))
    is_in_charge = or_(renewals.c.node == THIS_NODE, is_missing)
    switches_here = exists().where(
        endpoints_of_nodes.c.node == THIS_NODE, _is_still_to_be_switched()
    )
    switches_anywhere = exists().where(_is_still_to_be_switched())
    return case(
        (renewals.c.rehearsed_on.is_not(None), renewals.c.rehearsed_on == THIS_NODE),
        (renewals.c.issued.is_(None), is_in_charge),
        else_=or_(switches_here, and_(is_in_charge, ~switches_anywhere)),
    )


def nodes_still_to_switch(connection: Connection, renewal: int) -> tuple[str, ...]:
    """The other nodes that have not brought the new certificate to their endpoints yet."""
    statement = (
        select(endpoints_of_nodes.c.node)
        .join_from(renewals, endpoints_of_nodes, _is_still_to_be_switched())
        .where(renewals.c.id == renewal, endpoints_of_nodes.c.node != THIS_NODE)
        .distinct()
        .order_by(endpoints_of_nodes.c.node)
    )
    return tuple(connection.scalars(statement))


def _is_still_to_be_switched() -> ColumnElement[bool]:
    """Whether an endpoint is to get what a renewal brought, and nobody chose otherwise for it."""
    saved, active = endpoints_of_nodes.c.saved_certificate, endpoints_of_nodes.c.active_certificate
    is_chosen = saved.in_([renewals.c.certificate, renewals.c.issued])
    return and_(is_chosen, active.is_distinct_from(renewals.c.issued))
