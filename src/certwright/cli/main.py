"""The command `certwright`: its subcommands, and how it ends."""

import os
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from certwright import __version__
from certwright.cli.authorities import authorities
from certwright.cli.certificates import certificates
from certwright.cli.check import check
from certwright.cli.endpoints import activate, prove, select
from certwright.cli.events import events
from certwright.cli.failures import FAILED, tell_failure, unexpected
from certwright.cli.nodes import nodes
from certwright.cli.notify import notify
from certwright.cli.renew import rehearse, renew, request
from certwright.cli.renewals import renewals
from certwright.cli.services import services
from certwright.cli.settings import settings
from certwright.cli.status import status
from certwright.cli.tokens import tokens
from certwright.cli.up import up
from certwright.cli.users import users
from certwright.errors import CertwrightError

# Plain help and plain one-line errors: they are read by scripts and through remote consoles.
application = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
application.command()(up)
application.command()(status)
application.add_typer(certificates, name="certificates")
application.command()(check)
application.command()(select)
application.command()(activate)
application.command()(prove)
application.command()(renew)
application.command()(request)
application.command()(rehearse)
application.add_typer(renewals, name="renewals")
application.command()(events)
application.add_typer(authorities, name="authorities")
application.add_typer(services, name="services")
application.add_typer(nodes, name="nodes")
application.add_typer(notify, name="notify")
application.add_typer(settings, name="settings")
application.add_typer(users, name="users")
application.add_typer(tokens, name="tokens")


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"certwright {__version__}\n")
        raise typer.Exit


@application.callback()
def _certwright(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Gives every server a TLS certificate that is right, and keeps it right."""


def run() -> None:
    """Run the command line and exit: 0 fine, 1 failed, 2 wrong usage, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        # Names of certificates hold letters that the terminal's encoding may lack.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        application(prog_name="certwright")
    except CertwrightError as error:
        _end(error)
    except Exception as error:
        if os.environ.get("CERTWRIGHT_DEBUG") == "1":
            raise
        _end(unexpected(error))


def _end(error: CertwrightError) -> None:
    tell_failure(error, sys.stderr, as_json="--json" in sys.argv[1:])
    sys.exit(FAILED)
