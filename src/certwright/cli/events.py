"""`certwright events`"""

from typing import Annotated

import typer

from certwright.cli.node_command import Call, node_command


@node_command
def events(
    call: Call,
    limit: Annotated[
        int, typer.Option(metavar="NUMBER", min=1, max=1000, help="So many, the newest first.")
    ] = 30,
) -> None:
    """Show what happened and who did it, the newest first."""
    from certwright.cli.event_view import events_view

    with call.connect() as client:
        documents = client.get("events", {"limit": str(limit)})
    call.show(documents, events_view)
