"""`certwright services`"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from certwright.cli.asking import can_ask, confirmed
from certwright.cli.failures import FAILED
from certwright.cli.node_command import Call, node_command
from certwright.cli.target import LocalTarget

if TYPE_CHECKING:
    from rich.console import RenderableType

services = typer.Typer(
    help="The programs that use certificates.", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(metavar="NAME")]


@services.command("list")
@node_command
def list_services(call: Call) -> None:
    """List the services that are cared for, and what their endpoints serve."""
    from certwright.cli.service_view import services_view

    with call.connect() as client:
        call.show(client.get("services"), services_view)


@services.command("show")
@node_command
def show_service(call: Call, name: Name) -> None:
    """Show a service, its endpoints, and how a new certificate reaches it."""
    from certwright.cli.client import path_of
    from certwright.cli.service_view import service_view

    with call.connect() as client:
        call.show(client.get(path_of("services", name)), service_view)


@services.command("add")
@node_command
def add_service(
    call: Call,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Such as nginx or haproxy.")],
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="What to call it (default: its kind).")
    ] = "",
    config: Annotated[
        str,
        typer.Option(
            "--config", metavar="FILE", help="Its configuration (default: its usual place)."
        ),
    ] = "",
    folder: Annotated[
        str, typer.Option("--folder", metavar="DIR", help="The folder it is installed in.")
    ] = "",
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="NAME=VALUE",
            help="A setting of its kind, as docs/services.md lists them. Can be given often.",
        ),
    ] = None,
    environment: Annotated[
        str, typer.Option(help="test, production or cloud (default: the node's own).")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be taken on, and change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Find a service, show what would be taken on, and care for it from then on.

    Nothing of the service itself is changed before a new certificate is activated for it.
    """
    from certwright.cli.service_view import plan_view

    wanted = {
        "kind": kind,
        "name": name,
        "configuration": _place(call, config or folder),
        "options": _options(option or []),
        "environment": environment,
    }
    with call.connect() as client:
        plan = client.post("services/plans", wanted)
        if dry_run:
            call.show(plan, plan_view)
            return
        _show_and_ask(call, plan, plan_view, "" if yes else f"Care for {plan['name']} from now on?")
        document = client.post("services", wanted)
    call.show(document, lambda made: f"{made['name']} is cared for from now on.")


@services.command("look")
@node_command
def look_at_service(
    call: Call,
    name: Name,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what differs, and take on nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Look at a service again: show what is new in its configuration and what is gone from it.

    Only after a yes is that cared for, or forgotten. What stays keeps its certificates and its
    settings.
    """
    from certwright.cli.client import path_of
    from certwright.cli.service_view import look_view

    with call.connect() as client:
        seen = client.post(path_of("services", name, "plans"))
        if dry_run or not differs(seen):
            call.show(seen, look_view)
            return
        _show_and_ask(call, seen, look_view, "" if yes else f"Care for {name} as it is now?")
        document = client.post(path_of("services", name, "look"), {"mark": seen["mark"]})
    call.show(document, lambda taken_on: f"{taken_on['name']} is cared for as it is now.")


@services.command("remove")
@node_command
def remove_service(
    call: Call,
    name: Name,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Do not ask. Nobody is asked where there is no terminal."),
    ] = False,
) -> None:
    """Care for a service no longer, and forget its settings; what it serves stays as it is."""
    from certwright.cli.client import path_of

    # A script that says `remove NAME` means it; a person may have mistyped.
    question = f"Forget {name}, with its endpoints and their settings? It serves what it serves."
    if not yes and can_ask(as_json=call.as_json) and not confirmed(question):
        raise typer.Exit(FAILED)
    with call.connect() as client:
        client.delete(path_of("services", name))
    call.show({"removed": name}, _removed)


def differs(seen: Any) -> bool:
    """Whether a look showed anything to say yes to."""
    return bool(seen["new"] or seen["gone"] or seen["changed"])


def _place(call: Call, given: str) -> str:
    """From the root on where the node is on this machine: it was started in another folder."""
    return str(Path(given).absolute()) if given and isinstance(call.target, LocalTarget) else given


def _show_and_ask(
    call: Call, found: Any, view: "Callable[[Any], RenderableType]", question: str
) -> None:
    """Show what a yes is to, and get one; "" asks nobody. Ends the command for a no."""
    if not call.as_json:
        call.show(found, view)
    elif question:
        raise typer.BadParameter("With --json nobody is asked: add --yes or --dry-run.")
    if question and not confirmed(question):
        raise typer.Exit(FAILED)


def _removed(answer: Any) -> str:
    return f"{answer['removed']} is not cared for any more; it serves what it served."


def _options(given: list[str]) -> dict[str, str]:
    options = {}
    for text in given:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise typer.BadParameter(f"Write {text!r} as NAME=VALUE.")
        options[name] = value
    return options
