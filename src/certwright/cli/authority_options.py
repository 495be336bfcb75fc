"""The options that say what an authority is told: some for each kind of authority."""

import inspect
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec

import typer

from certwright.authorities.acme.directories import DIRECTORIES
from certwright.cli.input_files import read_named_file
from certwright.cli.node_command import Call
from certwright.cli.secret_files import read_secret
from certwright.errors import CertwrightError, ErrorCode

Parameters = ParamSpec("Parameters")
_MOST_BYTES = 256 * 1024


@dataclass(frozen=True)
class Told:
    """What an authority is told, as REST takes it."""

    settings: dict[str, Any]
    secrets: dict[str, str] = field(repr=False)

    @property
    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {"settings": self.settings, "secrets": self.secrets}


def _text(metavar: str, what: str) -> Any:
    return Annotated[str | None, typer.Option(metavar=metavar, help=what)]


def _number(metavar: str, what: str) -> Any:
    return Annotated[int | None, typer.Option(metavar=metavar, help=what)]


def _file(what: str) -> Any:
    return Annotated[Path | None, typer.Option(metavar="FILE", help=what)]


def _texts(metavar: str, what: str) -> Any:
    return Annotated[list[str] | None, typer.Option(metavar=metavar, help=what)]


_COMMAND: Mapping[str, Any] = {
    "command": _text(
        "COMMAND", "command: the program, from the root on, and its arguments, as the node allows."
    ),
    "limit": _number("SECONDS", "command: how long it may take; default 60."),
    "again_after": _number("SECONDS", "command: when it is asked again; default 600."),
}
_ACME: Mapping[str, Any] = {
    "directory": _text(
        "URL",
        f"acme: the directory, or one of {', '.join(DIRECTORIES)}.",
    ),
    "ca_file": _file(
        "acme: the roots to trust for the directory, PEM; default: the public ones. "
        "(The root for --server stands in CERTWRIGHT_CA_FILE here.)"
    ),
    "challenge": _text("KIND", "acme: http-01, dns-01 or tls-alpn-01."),
    "contact": _texts("MAIL", "acme: where the authority writes to. Can be given several times."),
    "eab_kid": _text("TEXT", "acme: key identifier of External Account Binding."),
    "eab_key_file": _file("acme: file whose first line is its HMAC key, Base64."),
    "profile": _text("NAME", "acme: one of the authority's profiles."),
    "preferred_chain": _text("NAME", "acme: Common Name of the root that the chain leads to."),
    "http_port": _number("PORT", "http-01: where the authority looks; default 80."),
    "tls_port": _number("PORT", "tls-alpn-01: where the authority looks; default 443."),
    "dns_server": _text("SERVER", "dns-01 by RFC 2136: the server that takes updates."),
    "dns_zone": _text("ZONE", "dns-01 by RFC 2136: the zone; default: the server is asked."),
    "tsig_key": _text("NAME", "dns-01 by RFC 2136: name of the TSIG key."),
    "tsig_algorithm": _text("NAME", "dns-01 by RFC 2136: its algorithm; default hmac-sha256."),
    "tsig_secret_file": _file("dns-01 by RFC 2136: file whose first line is its secret, Base64."),
    "acme_dns": _text("URL", "dns-01 by acme-dns: its address."),
    "acme_dns_username": _text("TEXT", "dns-01 by acme-dns: the account's user name."),
    "acme_dns_subdomain": _text("TEXT", "dns-01 by acme-dns: its subdomain."),
    "acme_dns_password_file": _file("dns-01 by acme-dns: file whose first line is its password."),
    "dns_hook": _text("PROGRAM", "dns-01 by a program, which the node has to allow."),
    "dns_check": _texts(
        "SERVER", "dns-01: a server that has to show records; default: those of the zone."
    ),
    "dns_wait": _number("SECONDS", "dns-01: how long to wait until records show; default 120."),
}
_IN_DNS = ("dns_", "tsig_", "acme_dns_")
_KINDS: Mapping[str, Mapping[str, Any]] = {"command": _COMMAND, "acme": _ACME}


def authority_options(
    work: Callable[Concatenate[Call, Parameters], None],
) -> Callable[..., None]:
    """`work`, which gets what was said with these options as its argument `given`."""
    options = {name: kind for kinds in _KINDS.values() for name, kind in kinds.items()}

    @wraps(work)
    def command(call: Call, *arguments: Any, **named: Any) -> None:
        given = {name: named.pop(name) for name in options}
        said = {name: value for name, value in given.items() if value not in (None, [])}
        work(call, *arguments, given=said, **named)  # type: ignore[arg-type]

    own = [
        parameter
        for name, parameter in inspect.signature(work, eval_str=True).parameters.items()
        if name != "given"
    ]
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in options.items()
    ]
    command.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    return command


def told(kind: str, given: Mapping[str, Any]) -> Told:
    """What the options `given` say to an authority of `kind`.

    Raises typer.BadParameter for options of other kinds, INVALID_INPUT for unusable files.
    """
    wrong = sorted(set(given) - set(_KINDS.get(kind, ())))
    if wrong:
        raise typer.BadParameter(
            f"--{wrong[0].replace('_', '-')} is not for authorities of the kind {kind}."
        )
    if kind == "command":
        return _told_command(given)
    if kind == "acme":
        return _told_acme(given)
    return Told({}, {})


def _told_command(given: Mapping[str, Any]) -> Told:
    settings = dict(given)
    if "command" not in settings:
        raise typer.BadParameter("An authority of the kind command needs --command.")
    try:
        settings["command"] = shlex.split(settings["command"])
    except ValueError:
        raise typer.BadParameter("--command has a quotation mark that is not closed.") from None
    return Told(settings, {})


def _told_acme(given: Mapping[str, Any]) -> Told:
    for name in ("directory", "challenge"):
        if name not in given:
            raise typer.BadParameter(f"An authority of the kind acme needs --{name}.")
    kept = (
        *("directory", "challenge", "contact", "profile", "preferred_chain"),
        *("http_port", "tls_port"),
    )
    settings = {name: given[name] for name in kept if name in given}
    if "ca_file" in given:
        settings["ca_pem"] = _pem(given["ca_file"])
    if "eab_kid" in given:
        settings["eab_identifier"] = given["eab_kid"]
    if (dns := _told_dns(given)) is not None:
        settings["dns"] = dns
    secrets = {
        "eab_hmac_key": ("eab_key_file", "HMAC key"),
        "tsig_secret": ("tsig_secret_file", "TSIG secret"),
        "acme_dns_password": ("acme_dns_password_file", "acme-dns password"),
    }
    return Told(
        settings,
        {
            secret: read_secret(given[option], what)
            for secret, (option, what) in secrets.items()
            if option in given
        },
    )


def _told_dns(given: Mapping[str, Any]) -> dict[str, Any] | None:
    ways = [name for name in ("dns_server", "acme_dns", "dns_hook") if name in given]
    if not ways:
        alone = sorted(name for name in given if name.startswith(_IN_DNS))
        if alone:
            raise typer.BadParameter(
                f"--{alone[0].replace('_', '-')} needs one of --dns-server, --acme-dns and "
                "--dns-hook, which say how records are added."
            )
        return None
    if len(ways) > 1:
        raise typer.BadParameter("Give one of --dns-server, --acme-dns and --dns-hook.")
    dns: dict[str, Any] = {
        "wait_seconds": given.get("dns_wait", 120),
        "servers": given.get("dns_check", []),
    }
    if "dns_server" in given:
        dns["rfc2136"] = {"server": given["dns_server"], "key_name": given.get("tsig_key", "")}
        if "tsig_algorithm" in given:
            dns["rfc2136"]["algorithm"] = given["tsig_algorithm"]
        if "dns_zone" in given:
            dns["rfc2136"]["zone"] = given["dns_zone"]
    elif "acme_dns" in given:
        dns["acme-dns"] = {
            "url": given["acme_dns"],
            "username": given.get("acme_dns_username", ""),
            "subdomain": given.get("acme_dns_subdomain", ""),
        }
    else:
        dns["hook"] = {"program": given["dns_hook"]}
    return dns


def _pem(file: Path) -> str:
    content = read_named_file(file, _MOST_BYTES + 1)
    if len(content) > _MOST_BYTES or not content.isascii():
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {file} does not hold roots in PEM.",
            "Name the PEM file of the authority's root.",
        )
    return content.decode("ascii")
