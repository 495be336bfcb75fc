"""Standard output: tables for people, or exactly one JSON document for programs."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from certwright.cli.plain_text import plain_document

if TYPE_CHECKING:
    from rich.console import RenderableType

_WIDTH_IN_FILES = 200
"""Columns when the output is no terminal: lines that programs read must not be broken."""


@dataclass(frozen=True)
class Terminal:
    """Where answers are shown."""

    as_json: bool

    def show(self, document: Any, render: "Callable[[Any], RenderableType]") -> None:
        """Show an answer; `render` turns it into what people read.

        Raises `CertwrightError` NODE_UNREACHABLE when the answer lacks what `render` needs.
        """
        if self.as_json:
            sys.stdout.write(json.dumps(document, indent=2) + "\n")
            return
        try:
            content = render(plain_document(document))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            from certwright.cli.client import unusable_answer

            raise unusable_answer() from error
        from rich.console import Console

        console = Console(
            markup=False,
            highlight=False,
            emoji=False,
            width=None if sys.stdout.isatty() else _WIDTH_IN_FILES,
        )
        console.print(content)
