"""`certwright renew` and `certwright request`"""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from certwright.cli.failures import FAILED
from certwright.cli.identifiers import tidy_identifier
from certwright.cli.input_files import read_named_file
from certwright.cli.node_command import Call, node_command

_PATIENCE = 120
_LARGEST_REQUEST = 64 * 1024
_SECONDS_A_DAY = 86400
_PROFILES = ("server", "client", "server-and-client")

Wait = Annotated[
    int,
    typer.Option(metavar="SECONDS", min=0, help="How long to wait for the end; 0 is not at all."),
]
Authority = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Who is to issue it (certwright authorities list)."),
]


@node_command
def renew(
    call: Call,
    identifier: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="Thumbprint, fingerprint, or an unambiguous beginning of either.",
        ),
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="Renew all whose time has come.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --due: tell what would happen, and when.")
    ] = False,
    same_key: Annotated[bool, typer.Option("--same-key", help="Keep the private key.")] = False,
    authority: Authority = None,
    wait: Wait = _PATIENCE,
) -> None:
    """Renew a certificate and activate it wherever the former one is used, due or not.

    Exit code 1 if it is put off, waits for somebody's agreement, or ended without a new one; 0 if
    it is done, or still goes on by itself when the wait is over.
    """
    _refuse_combination(identifier, authority, due=due, dry_run=dry_run, same_key=same_key)
    if identifier is None:
        _renew_due(call, wait, dry_run=dry_run)
        return
    wanted: dict[str, Any] = {"certificate": tidy_identifier(identifier)}
    wanted |= {"key": "same"} if same_key else {}
    wanted |= {"authority": authority} if authority is not None else {}
    _begin_and_follow(call, "renewals", wanted, wait)


@node_command
def request(
    call: Call,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME...", help="DNS names (*.NAME is a wildcard), IP addresses."),
    ] = None,
    authority: Authority = None,
    profile: Annotated[
        str,
        typer.Option(
            metavar="PROFILE",
            help="What it is for: server, client (it calls servers and shows them who it is), or "
            "server-and-client.",
        ),
    ] = "server",
    key_type: Annotated[
        str | None,
        typer.Option(metavar="TYPE", help="ec-p256 (default), ec-p384, rsa-2048, -3072, -4096."),
    ] = None,
    common_name: Annotated[
        str | None, typer.Option("--cn", metavar="NAME", help="Its Common Name: else the first.")
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(
            metavar="DAYS", min=1, max=3650, help="Its lifetime; by ACME the authority decides."
        ),
    ] = None,
    csr: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A signing request (PKCS#10) by whoever has the private key."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the certificate and its chain there (PEM)."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over FILE if it is there.")] = False,
    wait: Wait = _PATIENCE,
) -> None:
    """Get a new certificate into the store, with a new private key beside it.

    For example: certwright request server.corp.example --days 90
    or, for a program that calls servers: certwright request reports.corp.example --profile client
    """
    from certwright.cli.written_files import refuse_unwritable

    _refuse_profile(profile)
    if not names and csr is None and common_name is None:
        raise typer.BadParameter("Name what the certificate is to be for, or give --csr FILE.")
    if csr is not None and key_type is not None:
        raise typer.BadParameter("With --csr the key is there already: leave out --key-type.")
    wanted: dict[str, Any] = {"names": names or []}
    wanted |= {} if profile == _PROFILES[0] else {"profile": profile}
    wanted |= {} if authority is None else {"authority": authority}
    wanted |= {} if key_type is None else {"key_type": key_type}
    wanted |= {} if common_name is None else {"common_name": common_name}
    wanted |= {} if days is None else {"lifetime_seconds": days * _SECONDS_A_DAY}
    if csr is not None:
        wanted["signing_request"] = _pem(read_named_file(csr, _LARGEST_REQUEST))
    if out is not None:
        refuse_unwritable(out, is_secret=False, force=force)
    _begin_and_follow(call, "requests", wanted, wait, out, force=force)


@node_command
def rehearse(
    call: Call,
    endpoint: Annotated[
        str,
        typer.Argument(metavar="ENDPOINT", help="configuration-server, web-server or SERVICE/..."),
    ],
    authority: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Who issues for it (default: the staging one of who would)."
        ),
    ] = None,
    wait: Wait = _PATIENCE,
) -> None:
    """Go the whole way of a renewal, and undo the switch at the end.

    While the proof takes its moment, clients get what the staging authority issued.
    Exit code 1 if it would fail or wait for somebody's agreement, or if that was not known when
    the wait was over.
    """
    from certwright.cli.client import path_of

    path = path_of("endpoints", *endpoint.removeprefix("node/").split("/"), "rehearsal")
    _begin_and_follow(call, path, {"authority": authority}, wait)


def _begin_and_follow(
    call: Call,
    path: str,
    wanted: dict[str, Any],
    wait: int,
    out: Path | None = None,
    *,
    force: bool = False,
) -> None:
    from certwright.cli.client import path_of
    from certwright.cli.following import follow, is_as_wanted
    from certwright.cli.renewal_view import outcome_view
    from certwright.cli.written_files import STANDARD_OUTPUT, write_file

    with call.connect() as client:
        story = follow(call, client, client.post(path, wanted), wait)
        if out is not None and story["state"] == "done" and story["issued"] is not None:
            exported = path_of("certificates", story["issued"], "export")
            write_file(
                out, client.download(exported, {"format": "pem"}), is_secret=False, force=force
            )
            story |= {"file": str(out)}
    if out != STANDARD_OUTPUT:
        call.show(story, partial(outcome_view, now=datetime.now(UTC)))
    is_written = out is None or "file" in story
    if wait > 0 and not (is_as_wanted(story) and is_written):
        raise typer.Exit(FAILED)


def _renew_due(call: Call, wait: int, *, dry_run: bool) -> None:
    from certwright.cli.following import follow, is_as_wanted
    from certwright.cli.renewal_view import due_view

    with call.connect() as client:
        document = client.post("renewals/due", {"dry_run": dry_run})
        stories = [follow(call, client, begun, wait) for begun in document["renewals"]]
    document |= {"renewals": stories}
    call.show(document, partial(due_view, now=datetime.now(UTC)))
    if wait > 0 and not all(map(is_as_wanted, stories)):
        raise typer.Exit(FAILED)


def _refuse_combination(
    identifier: str | None, authority: str | None, *, due: bool, dry_run: bool, same_key: bool
) -> None:
    if (identifier is None) == (not due):
        raise typer.BadParameter("Name the certificate to renew, or give --due.")
    if dry_run and not due:
        raise typer.BadParameter("--dry-run goes with --due.")
    if due and (authority is not None or same_key):
        raise typer.BadParameter(
            "--authority and --same-key go with a certificate; for all that are due they are "
            "settings of the endpoints: certwright settings set web-server.authority NAME"
        )


def _refuse_profile(profile: str) -> None:
    if profile not in _PROFILES:
        raise typer.BadParameter(
            f"There is no profile {profile!r}; there are: {', '.join(_PROFILES)}."
        )


def _pem(content: bytes) -> str:
    """A signing request as text: DER becomes PEM, whatever else it is is judged by the node."""
    from ssl import DER_cert_to_PEM_cert

    if content.startswith(b"\x30"):
        return DER_cert_to_PEM_cert(content).replace("CERTIFICATE", "CERTIFICATE REQUEST")
    return content.decode("ascii", "replace")
