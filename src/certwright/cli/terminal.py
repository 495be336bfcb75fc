"""Standard output: tables for people, or exactly one JSON document for programs."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
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

    def show_list(
        self,
        pages: Iterator[list[Any]],
        most: int | None,
        render: "Callable[[Any, bool], RenderableType]",
    ) -> None:
        """Show at most `most` of a list that comes in pages; `render` is told if there are more.

        As JSON each page is written when it comes: a hundred thousand certificates take no more
        memory than a page of them.
        """
        rest = (document for page in pages for document in page)
        if self.as_json:
            _write_array(islice(rest, most))
            return
        shown = list(islice(rest, most))
        has_more = next(rest, None) is not None
        self.show(shown, lambda documents: render(documents, has_more))

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


def _write_array(documents: Iterator[Any]) -> None:
    separator = "["
    for document in documents:
        text = json.dumps(document, indent=2).replace("\n", "\n  ")
        sys.stdout.write(f"{separator}\n  {text}")
        separator = ","
    sys.stdout.write("[]\n" if separator == "[" else "\n]\n")
