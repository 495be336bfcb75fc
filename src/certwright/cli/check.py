"""`certwright check`: is this certificate right? Without a node."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from certwright.cli.failures import FAILED
from certwright.lifecycle.debian_weak_keys import LISTS

Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="PEM (leaf first, then its chain; a key may be in it), DER, PFX, P7B or JKS file, "
        "- for standard input, or a server: host:port, [v6]:port, or host (port 443).",
    ),
]
Names = Annotated[
    list[str] | None,
    typer.Option(
        "--for",
        metavar="NAME",
        help="DNS name or IP address that its clients use (repeatable: each must be covered, the "
        "first is also the Common Name). For a server, its own host name is the default.",
    ),
]


def check(
    source: Source,
    names: Names = None,
    environment: Annotated[
        str,
        typer.Option(metavar="E", help="test, production or cloud: how much is demanded."),
    ] = "test",
    profile: Annotated[
        str,
        typer.Option(
            metavar="P", help="server, client or server-and-client: what it is to be right for."
        ),
    ] = "server",
    trust: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="PEM with the only roots its chain may end in. Default: this machine's and the "
            "public ones, and outside cloud a root that stands in SOURCE.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="RFC 3339 with a zone, such as 2026-11-24T12:00:00Z: the moment to judge at.",
        ),
    ] = None,
    only: Annotated[
        str, typer.Option(metavar="LIST", help="Only these codes or families, comma-separated.")
    ] = "",
    ignore: Annotated[
        str, typer.Option(metavar="LIST", help="Not these codes or families, comma-separated.")
    ] = "",
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File whose first line is the password of SOURCE."),
    ] = None,
    starttls: Annotated[
        str | None,
        typer.Option(
            metavar="PROTOCOL",
            help="The server begins in the clear: smtp, imap, postgres, mysql or ldap. Default: "
            "by the usual ports (25, 587, 143, 5432, 3306, 389).",
        ),
    ] = None,
    revocation: Annotated[
        bool,
        typer.Option(
            "--revocation", help="Ask the authorities' lists and responders about revocation."
        ),
    ] = False,
    allow_private_addresses: Annotated[
        bool,
        typer.Option(
            "--allow-private-addresses",
            help="Let --revocation ask inside this network too, where the certificate says so.",
        ),
    ] = False,
    public: Annotated[
        bool | None,
        typer.Option(
            "--public/--no-public",
            help="Hold it against the CA/Browser Forum's rules. Default: if its chain leads to a "
            "public root.",
        ),
    ] = None,
    weak_key_lists: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            help="Where the lists of Debian's package openssl-blacklist lie: keys that its OpenSSL "
            "made until 2008.",
        ),
    ] = LISTS,
    as_json: Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")] = False,
    data: Annotated[Path | None, typer.Option(hidden=True)] = None,
) -> None:
    """Tell whether a certificate is right for a server, and why not; needs no node.

    Exit code 1 if a rule of severity error falls, or if SOURCE cannot be read.
    """
    del data  # every command takes it; this one needs no node
    from certwright.cli.check_options import CheckOptions, parse_options
    from certwright.cli.target import WrongUsageError
    from certwright.lifecycle.checking import check_source
    from certwright.lifecycle.checking_document import checked_document

    options = CheckOptions(
        source=source,
        names=tuple(names or ()),
        environment=environment,
        profile=profile,
        trust=trust,
        at=at,
        only=only,
        ignore=ignore,
        password_file=password_file,
        starttls=starttls,
        revocation=revocation,
        allow_private=allow_private_addresses,
        public=public,
        weak_key_lists=weak_key_lists,
    )
    now = datetime.now(UTC)
    try:
        parsed = parse_options(options, now)
    except WrongUsageError as wrong:
        raise typer.BadParameter(str(wrong)) from None
    checked = check_source(parsed.look(), parsed.question, parsed.roots())
    _show(checked_document(checked), now, as_json=as_json)
    if not checked.passed:
        raise typer.Exit(FAILED)


def _show(document: Any, now: datetime, *, as_json: bool) -> None:
    from certwright.cli.terminal import Terminal

    def render(answer: Any) -> Any:
        from certwright.cli.check_view import check_view

        return check_view(answer, now)

    Terminal(as_json).show(document, render)
