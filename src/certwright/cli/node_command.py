"""What all commands that talk to a node share: how to name it, and how to answer."""

import inspect
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

from certwright.cli.places import default_data_folder
from certwright.cli.target import Target, TargetOptions, WrongUsageError, choose_target

if TYPE_CHECKING:
    from rich.console import RenderableType

    from certwright.cli.client import Client

Parameters = ParamSpec("Parameters")

_SHARED_OPTIONS: dict[str, Any] = {
    "data": Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Data folder of a node on this machine (or CERTWRIGHT_DATA).",
        ),
    ],
    "server": Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Address of a node elsewhere, https://NAME:PORT (or CERTWRIGHT_SERVER).",
        ),
    ],
    "token_file": Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="File with an API token for --server (or CERTWRIGHT_TOKEN_FILE)."
        ),
    ],
    "ca_file": Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Root that --server's certificate must come from, PEM (or CERTWRIGHT_CA_FILE).",
        ),
    ],
}
_JSON_OPTION = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]


@dataclass(frozen=True)
class Call:
    """One run of a command: the node to talk to, and how to show the answer."""

    target: Target
    as_json: bool

    def connect(self) -> "Client":
        """A client of the node; raises `CertwrightError` if there is none to talk to."""
        from certwright.cli.client import Client

        return Client(self.target)

    def show(self, document: Any, render: "Callable[[Any], RenderableType]") -> None:
        """Show an answer as JSON, or as `render` says."""
        from certwright.cli.terminal import Terminal

        Terminal(self.as_json).show(document, render)

    def show_list(
        self,
        pages: Iterator[list[Any]],
        most: int | None,
        render: "Callable[[Any, bool], RenderableType]",
    ) -> None:
        """Show at most `most` of a list that comes in pages; `render` is told if there are more."""
        from certwright.cli.terminal import Terminal

        Terminal(self.as_json).show_list(pages, most, render)


def node_command(
    work: Callable[Concatenate[Call, Parameters], None],
) -> Callable[..., None]:
    """`work` with the options added by which every command names its node.

    An option of its own that goes by the same name is its own.
    """
    own = list(inspect.signature(work, eval_str=True).parameters.values())[1:]
    taken = {parameter.name for parameter in own}
    added = {name: kind for name, kind in _SHARED_OPTIONS.items() if name not in taken}

    @wraps(work)
    def command(*arguments: Any, json: bool, **options: Any) -> None:
        named = {name: options.pop(name) for name in added}
        try:
            target = choose_target(TargetOptions(**named), os.environ, default_data_folder)
        except WrongUsageError as wrong:
            raise typer.BadParameter(str(wrong)) from None
        work(Call(target, json), *arguments, **options)

    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in added.items()
    ]
    as_json = inspect.Parameter(
        "json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_JSON_OPTION
    )
    command.__signature__ = inspect.Signature([*own, *shared, as_json])  # type: ignore[attr-defined]
    return command
