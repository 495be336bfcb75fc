"""`certwright status`"""

from datetime import UTC, datetime
from functools import partial

import typer

from certwright.cli.failures import FAILED
from certwright.cli.node_command import Call, node_command


@node_command
def status(call: Call) -> None:
    """Show the node and what its endpoints serve.

    Exit code 1 if the node is not ready.
    """
    from certwright.cli.status_view import status_view

    with call.connect() as client:
        document = client.get("status")
    call.show(document, partial(status_view, now=datetime.now(UTC)))
    if not document.get("ready"):
        raise typer.Exit(FAILED)
