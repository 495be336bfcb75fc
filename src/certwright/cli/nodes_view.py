"""Nodes, as people read them."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from certwright.cli.documents import Node
from certwright.cli.wording import BAD, GOOD, moment, table
from certwright.designer.dates import ago_text


def nodes_view(documents: Sequence[Node], now: datetime) -> RenderableType:
    """One line a node."""
    listing = table("Node", "Server", "Version", "Seen")
    for node in documents:
        name = f"{node['name']} (this one)" if node["this"] else node["name"]
        listing.add_row(name, node["server_name"], node["version"], seen_text(node, now))
    return listing


def seen_text(node: Node, now: datetime) -> Text:
    """When it was seen, and whether that is too long ago."""
    seen = ago_text(moment(node["seen_at"]), now)
    return Text(f"silent, {seen}", BAD) if node["silent"] else Text(seen, GOOD)
