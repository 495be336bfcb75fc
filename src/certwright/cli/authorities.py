"""`certwright authorities`"""

from pathlib import Path
from typing import Annotated, Any

import typer

from certwright.cli.authority_options import authority_options, told
from certwright.cli.input_files import read_named_file
from certwright.cli.node_command import Call, node_command
from certwright.cli.secret_files import read_secret

authorities = typer.Typer(
    help="Who issues certificates.", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(metavar="NAME")]
Request = Annotated[str, typer.Argument(metavar="REQUEST", help="As `requests` lists it.")]
_MOST_BYTES = 1024 * 1024


@authorities.command("list")
@node_command
def list_authorities(call: Call) -> None:
    """List the authorities."""
    from certwright.cli.authority_view import authorities_view

    with call.connect() as client:
        call.show(client.get("authorities"), authorities_view)


@authorities.command("show")
@node_command
def show_authority(call: Call, name: Name) -> None:
    """Show what an authority was told; its secrets only by name."""
    from certwright.cli.authority_view import authority_view
    from certwright.cli.client import path_of

    with call.connect() as client:
        document = client.get(path_of("authorities", name))
    call.show(document, lambda shown: authority_view(shown, document["settings"].get("ca_pem", "")))


@authorities.command("create")
@node_command
@authority_options
def create_authority(
    call: Call,
    name: Name,
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="acme, by-hand, command or self-signed.")
    ],
    given: dict[str, Any],
) -> None:
    """Take on another authority; its directory or program is looked at first.

    For example: certwright authorities create corp-ca --kind by-hand
    """
    wanted = {"name": name, "kind": kind} | told(kind, given).document
    with call.connect() as client:
        document = client.post("authorities", wanted)
    call.show(
        document,
        lambda made: f"{made['name']} issues from now on when asked to. {made['found']}".strip(),
    )


@authorities.command("change")
@node_command
@authority_options
def change_authority(call: Call, name: Name, given: dict[str, Any]) -> None:
    """Give an authority other settings and secrets, in place of all it had."""
    from certwright.cli.client import path_of

    path = path_of("authorities", name)
    with call.connect() as client:
        kind = str(client.get(path)["kind"])
        document = client.put(path, told(kind, given).document)
    call.show(
        document, lambda made: f"{made['name']} has other settings now. {made['found']}".strip()
    )


@authorities.command("remove")
@node_command
def remove_authority(call: Call, name: Name) -> None:
    """Let an authority issue no more; not while anything refers to it."""
    from certwright.cli.client import path_of

    with call.connect() as client:
        client.delete(path_of("authorities", name))
    call.show({"removed": name}, lambda answer: f"The authority {answer['removed']} is removed.")


@authorities.command("requests")
@node_command
def show_requests(
    call: Call,
    request: Annotated[
        str | None,
        typer.Argument(metavar="[REQUEST]", help="Show this one, with what is to be signed."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what is to be signed into FILE (PKCS#10, PEM)."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over FILE if it is there.")] = False,
) -> None:
    """List the requests that wait for people to sign them, or show one."""
    from certwright.cli.authority_view import request_view, requests_view
    from certwright.cli.client import path_of
    from certwright.cli.written_files import STANDARD_OUTPUT, refuse_unwritable, write_file

    if request is None:
        if out is not None:
            raise typer.BadParameter("Name the request that is to be written into the file.")
        with call.connect() as client:
            call.show(client.get("authority-requests"), requests_view)
        return
    if out is not None:
        refuse_unwritable(out, is_secret=False, force=force)
    with call.connect() as client:
        document = client.get(path_of("authority-requests", request))
    if out is None:
        call.show(document, lambda shown: request_view(shown, document["signing_request"]))
        return
    write_file(out, document["signing_request"].encode(), is_secret=False, force=force)
    if out != STANDARD_OUTPUT:
        call.show(
            document | {"file": str(out)},
            lambda shown: (
                f"Written: {shown['file']}. What comes back goes in with: "
                f"certwright authorities answer {shown['authority']} FILE"
            ),
        )


@authorities.command("answer")
@node_command
def answer_request(
    call: Call,
    name: Name,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The certificate, perhaps its chain; PEM, DER, P7B."),
    ],
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File whose first line is the password of a PFX."),
    ] = None,
) -> None:
    """Hand in what the people of the authority NAME signed.

    It is matched to its request by the private key.
    """
    from certwright.cli.authority_view import answered_view
    from certwright.cli.client import path_of

    fields = {} if password_file is None else {"password": read_secret(password_file, "password")}
    content = read_named_file(file, _MOST_BYTES + 1)
    with call.connect() as client:
        path = path_of("authorities", name, "answers")
        document = client.upload(path, [(file.name, content)], fields)
    call.show(document, answered_view)


@authorities.command("refuse")
@node_command
def refuse_request(
    call: Call,
    request: Request,
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why nobody signs it.")],
) -> None:
    """Put on record that a request will not be signed."""
    from certwright.cli.client import path_of

    with call.connect() as client:
        path = path_of("authority-requests", request, "refusal")
        document = client.post(path, {"because": because})
    call.show(document, lambda refused: f"The request {refused['id']} is refused.")
