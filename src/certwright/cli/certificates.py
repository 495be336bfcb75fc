"""`certwright certificates`"""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from certwright.cli.certificate_export import export_certificate
from certwright.cli.certificate_import import import_certificate
from certwright.cli.certificate_options import Identifier, Location, Store, place_fields
from certwright.cli.failures import FAILED
from certwright.cli.identifiers import tidy_identifier
from certwright.cli.node_command import Call, node_command
from certwright.stores.listing_query import Sort, Status

certificates = typer.Typer(
    help="The certificate store.", no_args_is_help=True, rich_markup_mode=None
)
_MOST_SHOWN = 1000
_LARGEST_PAGE = 500

certificates.command("import")(import_certificate)
certificates.command("export")(export_certificate)


@certificates.command("list")
@node_command
def list_certificates(
    call: Call,
    location: Location = None,
    store: Store = None,
    search: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="The beginning of a word in its names, subject or issuer, of its thumbprint, "
            "fingerprint or serial number.",
        ),
    ] = "",
    status: Annotated[
        Status | None,
        typer.Option(help="Only those of this status; expires-soon is within 30 days."),
    ] = None,
    expired: Annotated[
        bool, typer.Option("--expired", help="Only those that have expired: --status expired.")
    ] = False,
    expires_within: Annotated[
        int | None,
        typer.Option(metavar="DAYS", min=0, help="Only those that expire within so many days."),
    ] = None,
    archived: Annotated[
        bool, typer.Option("--archived", help="The archived ones too, which are not offered.")
    ] = False,
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Only those whose private key is here.")
    ] = False,
    sort: Annotated[Sort, typer.Option(help="What they are sorted by.")] = Sort.NAME,
    descending: Annotated[
        bool, typer.Option("--descending", help="The last first: the latest, or from Z to A.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER",
            min=1,
            help=f"Show at most so many; without it {_MOST_SHOWN}, and with --json all.",
        ),
    ] = None,
) -> None:
    """List the certificates, of all stores or those that fit."""
    from certwright.cli.certificate_view import list_view

    parameters = place_fields(location, store)
    if search:
        parameters["search"] = search
    if expired and status not in {None, Status.EXPIRED}:
        raise typer.BadParameter(f"--expired and --status {status} exclude each other.")
    if expired or status:
        parameters["status"] = status or Status.EXPIRED
    if expires_within is not None:
        parameters["expires_within"] = str(expires_within)
    if archived:
        parameters["archived"] = "true"
    if with_key:
        parameters["has_private_key"] = "true"
    view = partial(list_view, now=datetime.now(UTC), is_filtered=bool(parameters))
    parameters |= _order(sort, descending=descending)
    most = limit or (None if call.as_json else _MOST_SHOWN)
    # One more than is shown, so that it is known whether there are more.
    size = _LARGEST_PAGE if most is None else min(most + 1, _LARGEST_PAGE)
    with call.connect() as client:
        pages = client.pages("certificates", parameters | {"limit": str(size)})
        call.show_list(pages, most, view)


def _order(sort: Sort, *, descending: bool) -> dict[str, str]:
    order = {} if sort is Sort.NAME else {"sort": sort.value}
    return order | ({"descending": "true"} if descending else {})


@certificates.command("show")
@node_command
def show_certificate(
    call: Call,
    identifier: Identifier,
    location: Location = None,
    store: Store = None,
    details: Annotated[
        bool, typer.Option("--details", help="Every field and extension, by name and decoded.")
    ] = False,
    path: Annotated[
        bool,
        typer.Option("--path", help="Its chain from the root down, and what is wrong with each."),
    ] = False,
    endpoints: Annotated[
        bool, typer.Option("--endpoints", help="Whether it is right for each endpoint.")
    ] = False,
    asn1: Annotated[bool, typer.Option("--asn1", help="The raw certificate as a tree.")] = False,
) -> None:
    """Show what is known of one certificate, or the parts of it that are asked for."""
    from certwright.cli.certificate_details_view import Part, details_view
    from certwright.cli.certificate_view import certificate_view
    from certwright.cli.client import path_of

    wanted = (details, path, endpoints, asn1)
    parts = [part for part, is_wanted in zip(Part, wanted, strict=True) if is_wanted]
    address = path_of("certificates", tidy_identifier(identifier), *(["details"] if parts else []))
    with call.connect() as client:
        document = client.get(address, place_fields(location, store))
    now = datetime.now(UTC)
    view = partial(details_view, parts=parts) if parts else certificate_view
    call.show(document, partial(view, now=now))


@certificates.command("delete")
@node_command
def delete_certificate(
    call: Call,
    identifier: Identifier,
    location: Location = None,
    store: Store = None,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Do not ask. Nobody is asked where there is no terminal."),
    ] = False,
) -> None:
    """Delete a certificate and its private key, unless anything still uses it."""
    from certwright.cli.asking import can_ask, confirmed
    from certwright.cli.certificate_view import deleted_view, deletion_question
    from certwright.cli.client import path_of
    from certwright.cli.plain_text import plain_document

    path = path_of("certificates", tidy_identifier(identifier))
    place = place_fields(location, store)
    with call.connect() as client:
        # A script that says `delete ID` means it; a person may have mistyped.
        if not yes and can_ask(as_json=call.as_json):
            question = deletion_question(plain_document(client.get(path, place)))
            if not confirmed(question):
                raise typer.Exit(FAILED)
        document = client.delete(path, place)
    call.show(document, deleted_view)


@certificates.command("rename")
@node_command
def rename_certificate(
    call: Call,
    identifier: Identifier,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Its friendly name; '' for none.")],
    location: Location = None,
    store: Store = None,
) -> None:
    """Give a certificate a friendly name."""
    from certwright.cli.certificate_view import renamed_view
    from certwright.cli.client import path_of

    path = path_of("certificates", tidy_identifier(identifier))
    with call.connect() as client:
        document = client.patch(path, {"friendly_name": text}, place_fields(location, store))
    call.show(document, renamed_view)


@certificates.command("archive")
@node_command
def archive_certificate(
    call: Call,
    identifier: Identifier,
    location: Location = None,
    store: Store = None,
    undo: Annotated[bool, typer.Option("--undo", help="Offer it again.")] = False,
) -> None:
    """Keep a certificate without offering it any longer; what uses it uses it on."""
    from certwright.cli.certificate_view import archived_view
    from certwright.cli.client import path_of

    path = path_of("certificates", tidy_identifier(identifier))
    with call.connect() as client:
        document = client.patch(path, {"archived": not undo}, place_fields(location, store))
    call.show(document, archived_view)
