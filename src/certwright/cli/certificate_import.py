"""`certwright certificates import`"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from certwright.cli.certificate_options import Location, Store, place_fields
from certwright.cli.input_files import read_named_file
from certwright.cli.node_command import Call, node_command
from certwright.cli.secret_files import read_secret
from certwright.errors import CertwrightError, ErrorCode

if TYPE_CHECKING:
    from certwright.cli.client import Client

_MOST_BYTES = 1024 * 1024


@node_command
def import_certificate(
    call: Call,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="PFX, PEM, DER, P7B, JKS or private key; several belong together.",
        ),
    ],
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File whose first line is the password of the files."),
    ] = None,
    friendly_name: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What to call it; default: as the file says."),
    ] = None,
    location: Location = None,
    store: Store = None,
    trust_root: Annotated[
        bool,
        typer.Option(
            "--trust-root", help="Put a root that is in the files among the trusted roots."
        ),
    ] = False,
    fetch_issuers: Annotated[
        bool,
        typer.Option(
            "--fetch-issuers", help="Fetch missing issuers from where the certificates say."
        ),
    ] = False,
    not_exportable: Annotated[
        bool, typer.Option("--not-exportable", help="The private key never leaves the node again.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be done.")
    ] = False,
) -> None:
    """Import certificates with their keys and chains, and check them."""
    from certwright.cli.import_view import imported_view, plan_view

    fields = place_fields(location, store)
    if friendly_name is not None:
        fields["friendly_name"] = friendly_name
    wishes = {
        "trust_root": trust_root,
        "fetch_issuers": fetch_issuers,
        "preview": dry_run,
    }
    fields |= {name: "true" for name, wanted in wishes.items() if wanted}
    if not_exportable:
        fields["exportable"] = "false"
    if password_file is not None:
        fields["password"] = read_secret(password_file, "password")
    contents = [(file.name, _read(file)) for file in files]
    with call.connect() as client:
        document = _send(call, client, contents, fields)
    view = plan_view if dry_run else imported_view
    call.show(document, partial(view, now=datetime.now(UTC)))


def _send(
    call: Call, client: "Client", files: Sequence[tuple[str, bytes]], fields: Mapping[str, str]
) -> Any:
    from certwright.cli.asking import ask_password, can_ask

    try:
        return client.upload("certificates", files, fields)
    except CertwrightError as error:
        is_asked_for = error.code is ErrorCode.WRONG_PASSWORD and "password" not in fields
        if not is_asked_for or not can_ask(as_json=call.as_json):
            raise
    password = ask_password(f"Password of {', '.join(name for name, _ in files)}")
    return client.upload("certificates", files, {**fields, "password": password})


def _read(file: Path) -> bytes:
    content = read_named_file(file, _MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise CertwrightError(
            ErrorCode.TOO_LARGE,
            f"The file {file} is larger than 1 MiB, so it is no certificate.",
            "Name a PFX, PEM or DER file.",
        )
    return content
