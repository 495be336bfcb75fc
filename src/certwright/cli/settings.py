"""`certwright settings`"""

from pathlib import Path
from typing import Annotated, Any

import typer

from certwright.cli.node_command import Call, node_command

settings = typer.Typer(
    help="What can be set, such as web-server.protocol.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_OF_TELLING = ("mail.", "webhook.", "syslog.", "telling.")
_SECRET_ENDINGS = (".password", ".secret", ".url")

Key = Annotated[str, typer.Argument(metavar="KEY", help="For example web-server.protocol.")]


@settings.command("get")
@node_command
def get_setting(
    call: Call, key: Annotated[str | None, typer.Argument(metavar="[KEY]")] = None
) -> None:
    """Show one setting, or all."""
    from certwright.cli.client import path_of

    with call.connect() as client:
        if key is None:
            call.show(client.get("settings"), _all_view)
        else:
            call.show(client.get(path_of("settings", *key.split("/"))), _one_view)


@settings.command("set")
@node_command
def set_setting(
    call: Call,
    key: Key,
    value: Annotated[str | None, typer.Argument(metavar="[VALUE]")] = None,
    value_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Its first line is the value; for passwords the way."),
    ] = None,
) -> None:
    """Change one setting.

    For example: certwright settings set web-server.window "Sun 02:00-04:00". To take one back,
    set it to "". There are web-server.protocol and renewal.quiet-hours, and of every endpoint
    authority, renewal-key (new or same) and window; of telling people mail.*, webhook.* and
    syslog.address.
    """
    from certwright.cli.client import path_of

    value = _value(key, value, value_file)
    with call.connect() as client:
        document = client.put(path_of("settings", *key.split("/")), {"value": value})
    call.show(document, lambda answer: _saved_view(key, answer))


def _value(key: str, value: str | None, file: Path | None) -> str:
    if (value is None) == (file is None):
        raise typer.BadParameter("Give either a VALUE or --value-file FILE.")
    if file is not None:
        from certwright.cli.secret_files import read_secret

        return read_secret(file, f"value of {key}")
    if value and key.endswith(_SECRET_ENDINGS):
        # Everybody on the machine can read the arguments of a process.
        raise typer.BadParameter(f"Give {key} with --value-file FILE, not as an argument.")
    return value or ""


def _one_view(document: Any) -> str:
    return str(document["value"])


def _all_view(document: Any) -> Any:
    from certwright.cli.wording import facts

    return facts((key, str(value)) for key, value in sorted(document.items()))


def _saved_view(key: str, document: Any) -> str:
    endpoint, _, part = key.rpartition(".")
    value = document["value"]
    if part == "protocol":
        return f"Saved: {key} is to be {value}. To make it so: certwright activate {endpoint}"
    if not value:
        return "\n".join([f"Saved: {key} is no longer set.", *document.get("hindrances", ())])
    if key.startswith(_OF_TELLING):
        remedies = document.get("hindrances") or ("To try it: certwright notify test",)
        return "\n".join([f"Saved: {key} is {value}.", *remedies])
    return f"Saved: {key} is {value}. Renewals go by it from now on."
