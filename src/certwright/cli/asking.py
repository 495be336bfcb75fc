"""Questions to whoever sits at the terminal; scripts are never asked."""

import sys

import typer

from certwright.errors import CertwrightError, ErrorCode


def can_ask(*, as_json: bool) -> bool:
    """Whether somebody is there to answer: both ends are a terminal, and no program reads."""
    return not as_json and sys.stdin.isatty() and sys.stderr.isatty()


def ask_password(what: str, *, twice: bool = False) -> str:
    """A password, typed without being shown; `twice` for a new one, against a slip."""
    text: str = typer.prompt(what, hide_input=True, confirmation_prompt=twice, err=True)
    return text


def confirmed(question: str) -> bool:
    """A yes; everything else is a no. Raises CONFIRMATION_NEEDED where nobody could answer."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        if sys.stdin.isatty():
            raise  # somebody is there, and wants no more of it
        sys.stderr.write("\n")
        raise CertwrightError(
            ErrorCode.CONFIRMATION_NEEDED,
            "Nobody could be asked, as there is no terminal; nothing was changed.",
            "Add --yes to agree beforehand.",
        ) from None
