"""`certwright certificates export`"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from certwright.cli.certificate_options import Identifier, Location, Store, place_fields
from certwright.cli.identifiers import tidy_identifier
from certwright.cli.node_command import Call, node_command
from certwright.cli.secret_files import read_secret

_WITH_PASSWORD = frozenset({"pfx", "jks", "java-keystore", "sap-pse"})
"""The formats and sets in which a private key is never written without one."""
FORMATS = ("pem", "pfx", "p7b", "der", "jks")
SETS = (
    "nginx",
    "haproxy",
    "apache",
    "postgresql",
    "java-keystore",
    "kubernetes-secret",
    "sap-pse",
)
"""As the node knows both; not taken from there, since that takes a moment at every command."""


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


@node_command
def export_certificate(
    call: Call,
    identifier: Identifier,
    out: Annotated[
        Path,
        typer.Option(metavar="FILE", help="The file to write; - for standard output."),
    ],
    file_format: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help=f"One of {_either(FORMATS)}.")
    ] = None,
    ready_set: Annotated[
        str | None,
        typer.Option(
            "--set",
            metavar="PROGRAM",
            help="Instead of a format: a ZIP of the files, private key included, that a program "
            f"wants: {_either(SETS)}.",
        ),
    ] = None,
    with_key: Annotated[
        bool, typer.Option("--with-key", help="The private key too; needs the right admin.")
    ] = False,
    password_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File whose first line is the password that the new file gets.",
        ),
    ] = None,
    older_encryption: Annotated[
        bool,
        typer.Option(
            "--older-encryption",
            help="A PFX for Windows Server 2016 and Java 8, which cannot read AES-256.",
        ),
    ] = False,
    location: Location = None,
    store: Store = None,
    force: Annotated[bool, typer.Option("--force", help="Write over FILE if it is there.")] = False,
) -> None:
    """Export a certificate with its chain, and with its private key if wanted."""
    from certwright.cli.client import path_of
    from certwright.cli.written_files import STANDARD_OUTPUT, refuse_unwritable, write_file

    if (file_format is None) == (ready_set is None):
        raise typer.BadParameter("Give either --format or --set.")
    for word, known in ((file_format, FORMATS), (ready_set, SETS)):
        if word is not None and word not in known:
            raise typer.BadParameter(f"{word!r} is none of {_either(known)}.")
    is_secret = with_key or ready_set is not None
    refuse_unwritable(out, is_secret=is_secret, force=force)
    wanted: dict[str, Any] = place_fields(location, store)
    if ready_set is not None:
        action = "export-set"
        wanted |= {"set": ready_set}
    else:
        action = "export"
        wanted |= {
            "format": file_format,
            "with_key": with_key,
            "older_encryption": older_encryption,
        }
    needs_password = is_secret and (file_format or ready_set) in _WITH_PASSWORD
    password = _password(call, password_file, is_needed=needs_password)
    if password is not None:
        wanted["password"] = password
    path = path_of("certificates", tidy_identifier(identifier), action)
    with call.connect() as client:
        content = client.download(path, wanted)
    write_file(out, content, is_secret=is_secret, force=force)
    if out != STANDARD_OUTPUT:
        document = {"file": str(out), "bytes": len(content), "private_key": is_secret}
        call.show(document, _told)


def _password(call: Call, file: Path | None, *, is_needed: bool) -> str | None:
    if file is not None:
        return read_secret(file, "password")
    from certwright.cli.asking import ask_password, can_ask

    if is_needed and can_ask(as_json=call.as_json):
        return ask_password("Password for the new file", twice=True)
    return None


def _told(document: dict[str, Any]) -> str:
    beside = ", with the private key: keep it safe" if document["private_key"] else ""
    return f"Written: {document['file']} ({document['bytes']} bytes{beside})."
