"""`certwright notify`"""

from typing import Annotated, Any

import typer

from certwright.cli.failures import FAILED
from certwright.cli.node_command import Call, node_command

notify = typer.Typer(
    help="Telling people what is not right.", no_args_is_help=True, rich_markup_mode=None
)


@notify.callback()
def _notify() -> None:
    """Telling people what is not right, by mail, webhook and syslog."""


@notify.command("test")
@node_command
def send_test(
    call: Call,
    channel: Annotated[
        str | None, typer.Argument(metavar="[CHANNEL]", help="mail, webhook or syslog.")
    ] = None,
) -> None:
    """Send a test message, and show what the other side says.

    Over each channel that is set up, if none is named. Exit code 1 if one of them fails.
    """
    with call.connect() as client:
        document = client.post("telling/test", {"channel": channel})
    call.show(document, _view)
    if not all(one["ok"] for one in document):
        raise typer.Exit(FAILED)


def _view(document: Any) -> Any:
    from rich.console import Group
    from rich.text import Text

    from certwright.cli.wording import BAD, GOOD

    lines = []
    for one in document:
        style = GOOD if one["ok"] else BAD
        lines.append(Text.assemble((one["channel"], style), f": {one['words']} {one['remedy']}"))
    return Group(*lines)
