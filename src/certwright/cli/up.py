"""`certwright up`: run one node in the foreground."""

import tomllib
from collections.abc import Mapping, Set
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from certwright.cli.places import default_data_folder
from certwright.errors import CertwrightError, ErrorCode
from certwright.node.data_folder import CONFIGURATION_FILE

if TYPE_CHECKING:
    from certwright.node.serving import Started


def _with_configuration(context: typer.Context, data: Path) -> Path:
    file = data / CONFIGURATION_FILE
    if not context.meta.get("configuration") and _is_there(file):
        _read_configuration(context, file)
    return data


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:  # a folder that cannot be entered; the node will say so
        return False


def _with_configuration_file(context: typer.Context, file: Path | None) -> Path | None:
    if file is not None:
        _read_configuration(context, file)
        context.meta["configuration"] = True
    return file


def _read_configuration(context: typer.Context, file: Path) -> None:
    try:
        with file.open("rb") as opened:
            values = tomllib.load(opened)
    except OSError as error:
        raise _unreadable(file, error.strerror or "unknown reason") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _unreadable(file, str(error)) from None
    known = {parameter.name for parameter in context.command.params}
    options = _as_options(file, values, known)
    _refuse_other_kinds(context, file, options)
    context.default_map = options


def _as_options(file: Path, values: Mapping[str, Any], known: Set[str | None]) -> dict[str, Any]:
    options = {key.replace("-", "_"): value for key, value in values.items()}
    unknown = sorted(key for key in values if key.replace("-", "_") not in known - {"config"})
    if unknown:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"{file} has a setting that certwright does not know: {unknown[0]}.",
            "Its settings are the options of `certwright up`, without the two dashes.",
        )
    return options


def _refuse_other_kinds(context: typer.Context, file: Path, options: Mapping[str, Any]) -> None:
    """Here, as an option itself would blame the environment for it."""
    for parameter in context.command.params:
        if parameter.name not in options or parameter.callback is not None:
            continue  # the data folder looks at this file itself
        try:
            parameter.process_value(context, options[parameter.name])
        except typer.BadParameter:
            setting = parameter.name.replace("_", "-")
            raise CertwrightError(
                ErrorCode.INVALID_INPUT,
                f"{file} has a value that the setting {setting} cannot have.",
                "See what it takes: certwright up --help",
            ) from None


def _unreadable(file: Path, reason: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        f"The configuration file {file} cannot be read: {reason}.",
        "Correct it, or take it away.",
    )


_PORT = {"min": 0, "max": 65535}


def up(
    data: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="Everything the node keeps lies here.",
            envvar="CERTWRIGHT_DATA",
            default_factory=default_data_folder,
            show_default="the platform's user data folder",
            callback=_with_configuration,
            is_eager=True,
            file_okay=True,
        ),
    ],
    config: Annotated[  # noqa: ARG001 - its callback has read it already
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Read these options from a TOML file (default: certwright.toml in --data).",
            envvar="CERTWRIGHT_CONFIG",
            callback=_with_configuration_file,
            is_eager=True,
        ),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A DNS name or IP address of this machine; the first is the Common Name. "
            "Can be given several times. (default: the machine's names, and localhost)",
            envvar="CERTWRIGHT_NAME",
        ),
    ] = None,
    environment: Annotated[
        Literal["test", "production", "cloud"],
        typer.Option(
            help="What its endpoints demand of a certificate: with test a self-signed one will do, "
            "production wants an authority, cloud a public one.",
            envvar="CERTWRIGHT_ENVIRONMENT",
        ),
    ] = "test",
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Any PostgreSQL: postgresql://USER@HOST/NAME (default: an embedded one).",
            envvar="CERTWRIGHT_DATABASE",
        ),
    ] = None,
    bind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="An address the front listens on. Can be given several times. "
            "(default: 0.0.0.0 and ::)",
            envvar="CERTWRIGHT_BIND",
        ),
    ] = None,
    configuration_port: Annotated[
        int,
        typer.Option(
            metavar="PORT",
            help="HTTPS: Designer and REST. 0: the system chooses.",
            envvar="CERTWRIGHT_CONFIGURATION_PORT",
            **_PORT,
        ),
    ] = 8064,
    http_port: Annotated[
        int,
        typer.Option(
            metavar="PORT",
            help="The Web Server in the clear; only while its protocol is http.",
            envvar="CERTWRIGHT_HTTP_PORT",
            **_PORT,
        ),
    ] = 8065,
    https_port: Annotated[
        int,
        typer.Option(
            metavar="PORT", help="The Web Server over TLS.", envvar="CERTWRIGHT_HTTPS_PORT", **_PORT
        ),
    ] = 8165,
    publication_port: Annotated[
        int,
        typer.Option(
            metavar="PORT",
            help="Plain HTTP: CA certificates and revocation lists.",
            envvar="CERTWRIGHT_PUBLICATION_PORT",
            **_PORT,
        ),
    ] = 8080,
    upstream: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="What the Web Server passes calls on to, for example http://127.0.0.1:9000 "
            "(default: a built-in status page).",
            envvar="CERTWRIGHT_UPSTREAM",
        ),
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A PFX or PEM with its key, to import and use at the first start "
            "(default: a new one of the internal authority).",
            envvar="CERTWRIGHT_CERTIFICATE",
        ),
    ] = None,
    certificate_password_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File whose first line is the password of --certificate.",
            envvar="CERTWRIGHT_CERTIFICATE_PASSWORD_FILE",
        ),
    ] = None,
    admin_password_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File whose first line is the password of the first user, admin "
            "(default: a random one, shown once).",
            envvar="CERTWRIGHT_ADMIN_PASSWORD_FILE",
        ),
    ] = None,
    ready_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Written once, as JSON, when the node is ready and proven.",
            envvar="CERTWRIGHT_READY_FILE",
        ),
    ] = None,
    allow_private_addresses: Annotated[
        bool,
        typer.Option(
            "--allow-private-addresses",
            help="Let an import fetch missing issuers from inside this network too, where the "
            "certificates say so, for a company's own authority, and webhooks be told there.",
            envvar="CERTWRIGHT_ALLOW_PRIVATE_ADDRESSES",
        ),
    ] = False,
    allow_command: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COMMAND",
            help="A program, from the root on, that may be run as an authority or add DNS records "
            "for one, with just these arguments. Can be given several times. (default: none)",
            envvar="CERTWRIGHT_ALLOW_COMMAND",
        ),
    ] = None,
    allow_service: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND[=CONFIG]",
            help="A service that may be taken on from afar too, not only by whoever owns the data "
            "folder. Can be given several times. (default: none)",
            envvar="CERTWRIGHT_ALLOW_SERVICE",
        ),
    ] = None,
) -> None:
    """Run one node in the foreground until SIGINT or SIGTERM."""
    from certwright.front.ports import Ports, usable_addresses
    from certwright.node.settings import (
        NodeSettings,
        own_names,
        parse_commands,
        parse_names,
    )
    from certwright.node.start import run_node
    from certwright.rules.environment import Environment

    settings = NodeSettings(
        data=data.absolute(),
        names=parse_names(name or own_names()),
        environment=Environment(environment),
        database=database,
        bind=usable_addresses(bind),
        ports=Ports(configuration_port, http_port, https_port, publication_port),
        upstream=upstream,
        certificate=certificate,
        certificate_password_file=certificate_password_file,
        admin_password_file=admin_password_file,
        ready_file=ready_file,
        fetches_inside=allow_private_addresses,
        allowed_commands=parse_commands(allow_command or ()),
        allowed_services=tuple(allow_service or ()),
    )
    run_node(settings, _announce)


def _announce(started: "Started") -> None:
    # Not before: it needs what a node's processes must not wait for.
    from certwright.cli.announcement import announce

    announce(started)
