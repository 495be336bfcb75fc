"""`certwright certificates`"""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from certwright.cli.identifiers import tidy_identifier
from certwright.cli.node_command import Call, node_command
from certwright.cli.secret_files import read_secret
from certwright.errors import CertwrightError, ErrorCode

certificates = typer.Typer(
    help="The certificate store.", no_args_is_help=True, rich_markup_mode=None
)

_MOST_BYTES = 1024 * 1024

Location = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Location: LocalMachine or CurrentUser."),
]
Store = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Store: My (Personal), Root or CA (Intermediate)."),
]


@certificates.command("list")
@node_command
def list_certificates(call: Call, location: Location = None, store: Store = None) -> None:
    """List the certificates, of all stores or of one."""
    from certwright.cli.certificate_view import list_view

    with call.connect() as client:
        documents = client.get("certificates", _place(location, store))
    call.show(documents, partial(list_view, now=datetime.now(UTC)))


@certificates.command("show")
@node_command
def show_certificate(
    call: Call,
    identifier: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="Thumbprint, fingerprint, or an unambiguous beginning of either."
        ),
    ],
) -> None:
    """Show all that is known of one certificate."""
    from certwright.cli.certificate_view import certificate_view
    from certwright.cli.client import path_of

    with call.connect() as client:
        document = client.get(path_of("certificates", tidy_identifier(identifier)))
    call.show(document, partial(certificate_view, now=datetime.now(UTC)))


@certificates.command("import")
@node_command
def import_certificate(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="PFX, PEM or DER.")],
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File whose first line is the password of FILE."),
    ] = None,
    friendly_name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What to call it; default: the file's name.")
    ] = None,
    location: Location = None,
    store: Store = None,
) -> None:
    """Import a certificate with its key and chain, and check it."""
    from certwright.cli.certificate_view import imported_view

    content = _read(file)
    fields = _place(location, store) | {"friendly_name": friendly_name or file.name}
    if password_file is not None:
        fields["password"] = read_secret(password_file, "password")
    with call.connect() as client:
        document = client.upload("certificates", file.name, content, fields)
    call.show(document, partial(imported_view, now=datetime.now(UTC)))


def _place(location: str | None, store: str | None) -> dict[str, str]:
    named = {"location": location, "store": store}
    return {name: value for name, value in named.items() if value is not None}


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {file} cannot be read: {error.strerror}.",
            "Name a file that exists and that you may read.",
        ) from None
    if len(content) > _MOST_BYTES:
        raise CertwrightError(
            ErrorCode.TOO_LARGE,
            f"The file {file} is larger than 1 MiB, so it is no certificate.",
            "Name a PFX, PEM or DER file.",
        )
    return content
