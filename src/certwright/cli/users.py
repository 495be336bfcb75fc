"""`certwright users`"""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from certwright.cli.node_command import Call, node_command
from certwright.cli.secret_files import read_secret

users = typer.Typer(
    help="Who may log in, and with which right.", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(metavar="NAME")]
PasswordFile = Annotated[
    Path, typer.Option(metavar="FILE", help="File whose first line is the password.")
]


@users.command("list")
@node_command
def list_users(call: Call) -> None:
    """List the users and their rights."""
    from certwright.cli.right_view import rights_view

    with call.connect() as client:
        documents = client.get("users")
    call.show(documents, partial(rights_view, kind="user", now=datetime.now(UTC)))


@users.command("add")
@node_command
def add_user(
    call: Call,
    name: Name,
    right: Annotated[str, typer.Option(metavar="RIGHT", help="read, modify, create or admin.")],
    password_file: PasswordFile,
) -> None:
    """Add a user."""
    wanted = {"name": name, "right": right, "password": read_secret(password_file, "password")}
    with call.connect() as client:
        document = client.post("users", wanted)
    call.show(document, lambda user: f"{user['name']} may log in with the right {user['right']}.")


@users.command("set-right")
@node_command
def set_right(
    call: Call,
    name: Name,
    right: Annotated[str, typer.Argument(metavar="RIGHT", help="read, modify, create or admin.")],
) -> None:
    """Give a user another right."""
    from certwright.cli.client import path_of

    with call.connect() as client:
        document = client.put(path_of("users", name, "right"), {"right": right})
    call.show(document, lambda user: f"{user['name']} has the right {user['right']} now.")


@users.command("set-password")
@node_command
def set_password(call: Call, name: Name, password_file: PasswordFile) -> None:
    """Give a user another password and end all her sessions."""
    from certwright.cli.client import path_of

    wanted = {"password": read_secret(password_file, "password")}
    with call.connect() as client:
        client.put(path_of("users", name, "password"), wanted)
    call.show({"changed": name}, lambda answer: f"{answer['changed']} has a new password.")


@users.command("remove")
@node_command
def remove_user(call: Call, name: Name) -> None:
    """Remove a user and end all her sessions."""
    from certwright.cli.client import path_of

    with call.connect() as client:
        client.delete(path_of("users", name))
    call.show({"removed": name}, lambda answer: f"The user {answer['removed']} is removed.")
