"""`certwright tokens`"""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from certwright.cli.node_command import Call, node_command
from certwright.cli.secret_files import new_secret_file

tokens = typer.Typer(
    help="API tokens, with which programs elsewhere use this node.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME")]


@tokens.command("list")
@node_command
def list_tokens(call: Call) -> None:
    """List the names and rights of the tokens."""
    from certwright.cli.right_view import rights_view

    with call.connect() as client:
        documents = client.get("tokens")
    call.show(documents, partial(rights_view, kind="token", now=datetime.now(UTC)))


@tokens.command("create")
@node_command
def create_token(
    call: Call,
    name: Name,
    right: Annotated[str, typer.Option(metavar="RIGHT", help="read, modify, create or admin.")],
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="A new file for the token, 0600; - prints it.")
    ],
) -> None:
    """Make a token, for --token-file.

    It stands nowhere but in the file.
    """
    wanted = {"name": name, "right": right}
    with call.connect() as client:
        if out == Path("-"):
            document = client.post("tokens", wanted)
            call.show(document, lambda answer: str(answer["token"]))
            return
        with new_secret_file(out) as file:
            document = client.post("tokens", wanted)
            file.write(f"{document['token']}\n")
    made = wanted | {"out": str(out)}
    call.show(made, lambda answer: f"The token {answer['name']} is in {answer['out']}.")


@tokens.command("remove")
@node_command
def remove_token(call: Call, name: Name) -> None:
    """Remove a token; whoever uses it is refused from then on."""
    from certwright.cli.client import path_of

    with call.connect() as client:
        client.delete(path_of("tokens", name))
    call.show({"removed": name}, lambda answer: f"The token {answer['removed']} is removed.")
