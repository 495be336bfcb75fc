"""`certwright nodes`"""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from certwright.cli.asking import can_ask, confirmed
from certwright.cli.failures import FAILED
from certwright.cli.node_command import Call, node_command

nodes = typer.Typer(
    help="The nodes that share one database.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@nodes.command("list")
@node_command
def list_nodes(call: Call) -> None:
    """List the nodes, and when each was seen last."""
    from certwright.cli.nodes_view import nodes_view

    with call.connect() as client:
        documents = client.get("nodes")
    call.show(documents, partial(nodes_view, now=datetime.now(UTC)))


@nodes.command("forget")
@node_command
def forget_node(
    call: Call,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a node that is gone for good, with its endpoints and services.

    What it used can then be deleted, and nobody waits for it any more.
    """
    from certwright.cli.client import path_of

    question = f"Forget the node {name}, with its endpoints and services?"
    if not yes and can_ask(as_json=call.as_json) and not confirmed(question):
        raise typer.Exit(FAILED)
    with call.connect() as client:
        client.delete(path_of("nodes", name))
    call.show({"forgotten": name}, lambda answer: f"The node {answer['forgotten']} is forgotten.")
