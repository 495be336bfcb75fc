"""`certwright renewals`"""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import typer

from certwright.cli.identifiers import tidy_identifier
from certwright.cli.node_command import Call, node_command
from certwright.cli.target import WrongUsageError

renewals = typer.Typer(
    help="Renewals that are at work, and those of before.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_MOST_DIGITS = 18


def _number(text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    if not is_number or int(text) == 0:
        raise typer.BadParameter("Name a renewal by its number: certwright renewals list")
    return int(text)


Number = Annotated[int, typer.Argument(metavar="ID", parser=_number, help="As `list` shows it.")]


@renewals.command("list")
@node_command
def list_renewals(
    call: Call,
    state: Annotated[
        str | None,
        typer.Option(
            metavar="STATE",
            help="working, waiting, asking, done, declined, obsolete or failed (a rehearsal).",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(metavar="NUMBER", min=1, max=1000)] = 100,
) -> None:
    """List renewals, the newest first."""
    from certwright.cli.renewal_view import renewals_view

    parameters = {"limit": str(limit)} | ({} if state is None else {"state": state})
    with call.connect() as client:
        document = client.get("renewals", parameters)
    call.show(document, partial(renewals_view, now=datetime.now(UTC)))


@renewals.command("show")
@node_command
def show_renewal(call: Call, number: Number) -> None:
    """Tell the story of one: each step, and what happens next and when."""
    from certwright.cli.client import path_of
    from certwright.cli.renewal_view import story_view

    with call.connect() as client:
        document = client.get(path_of("renewals", str(number)))
    call.show(document, partial(story_view, now=datetime.now(UTC)))


@renewals.command("agree")
@node_command
def agree(call: Call, number: Number) -> None:
    """Take on a new certificate that lacks something the former one had."""
    _decide(call, (str(number),), "agree")


@renewals.command("decline")
@node_command
def decline(call: Call, number: Number) -> None:
    """End a renewal; its certificate is not renewed by itself any more."""
    _decide(call, (str(number),), "decline")


@renewals.command("postpone")
@node_command
def postpone(
    call: Call,
    until: Annotated[
        str,
        typer.Option(metavar="T", help="RFC 3339 with a zone, such as 2026-11-24T22:00:00+01:00."),
    ],
    number: Annotated[
        int | None,
        typer.Argument(metavar="[ID]", parser=_number, help="As `list` shows it."),
    ] = None,
    certificate: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Instead: the thumbprint or fingerprint, or a beginning of either, of a "
            "certificate whose renewal has not begun.",
        ),
    ] = None,
) -> None:
    """Let a renewal wait, as long as a tenth of the certificate's lifetime is left.

    One that is only planned is named by its certificate (certwright renew --due --dry-run).
    """
    from certwright.cli.check_options import parse_moment

    if (number is None) == (certificate is None):
        raise typer.BadParameter("Name the renewal, or its certificate by --certificate.")
    try:
        parsed = parse_moment(until, "--until")
    except WrongUsageError as wrong:
        raise typer.BadParameter(str(wrong)) from None
    which = (str(number),) if certificate is None else ("of", tidy_identifier(certificate))
    _decide(call, which, "postpone", {"until": parsed.isoformat()})


@renewals.command("now")
@node_command
def go_on_now(call: Call, number: Number) -> None:
    """Go on now with a renewal that waits."""
    _decide(call, (str(number),), "now")


def _decide(
    call: Call, which: tuple[str, ...], what: str, wanted: dict[str, Any] | None = None
) -> None:
    from certwright.cli.client import path_of
    from certwright.cli.renewal_view import decided_view

    with call.connect() as client:
        document = client.post(path_of("renewals", *which, what), wanted)
    call.show(document, partial(decided_view, now=datetime.now(UTC)))
