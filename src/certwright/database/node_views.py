"""What one node sees of the tables that several share: views of its own rows alone.

Which node that is, the database knows by the session (`open_engine`), so nobody who asks has to
say it, and nobody can forget to. What is of all nodes is in `tables`, under names that say so.
"""

from sqlalchemy import Column, MetaData, Table, func

from certwright.database.tables import (
    activations_of_nodes,
    endpoints_of_nodes,
    services_of_nodes,
    telling_channels_of_nodes,
)

_views = MetaData()

THIS_NODE = func.current_setting("certwright.node")
"""The name of the node that asks, as an expression of SQL."""


def _view_of(table: Table) -> Table:
    return Table(
        table.name.removesuffix("_of_nodes"),
        _views,
        *(Column(one.name, one.type) for one in table.columns if one.name != "node"),
    )


endpoints = _view_of(endpoints_of_nodes)
services = _view_of(services_of_nodes)
activations = _view_of(activations_of_nodes)
telling_channels = _view_of(telling_channels_of_nodes)
