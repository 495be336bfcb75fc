"""`certwright select`, `activate` and `prove`."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import typer

from certwright.cli.failures import FAILED
from certwright.cli.identifiers import tidy_identifier
from certwright.cli.node_command import Call, node_command
from certwright.cli.problems import RulesFailedError
from certwright.errors import CertwrightError, ErrorCode


def _of_own_service(endpoint: str) -> str:
    """The node's own endpoints may be named with their service or without it."""
    return endpoint.removeprefix("node/")


Endpoint = Annotated[
    str,
    typer.Argument(
        metavar="ENDPOINT",
        help="configuration-server, web-server, or SERVICE/ENDPOINT (the node's own: node/...).",
        callback=_of_own_service,
    ),
]


@node_command
def select(
    call: Call,
    endpoint: Endpoint,
    identifier: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="Thumbprint, fingerprint, or an unambiguous beginning of either."
        ),
    ],
    despite_rules: Annotated[
        bool,
        typer.Option("--despite-rules", help="Save it even if a rule says that it is not right."),
    ] = False,
) -> None:
    """Save which certificate an endpoint is to use.

    The command activate makes the running service use it.
    """
    from certwright.cli.client import path_of

    wanted = {
        "certificate": tidy_identifier(identifier),
        "confirmed": despite_rules,
        "version": None,
    }
    try:
        with call.connect() as client:
            document = client.put(path_of("endpoints", *endpoint.split("/"), "selection"), wanted)
    except RulesFailedError as refusal:
        # No insisting makes a server work without its key.
        codes = {finding.get("code") for finding in refusal.findings}
        insist = (
            ""
            if "private-key-missing" in codes
            else " To save it all the same, add --despite-rules."
        )
        remedy = f"{refusal.remedy}{insist}"
        raise RulesFailedError(refusal.code, refusal.message, remedy, refusal.findings) from None
    call.show(document, _selection_view)


@node_command
def activate(
    call: Call,
    endpoint: Endpoint,
    reset: Annotated[
        bool,
        typer.Option(
            "--reset",
            help="Of a service that nobody can log in to: remove all its TLS settings first, as "
            "its documentation says, and restart it.",
        ),
    ] = False,
) -> None:
    """Make the running service use what is saved, and prove it.

    If the proof fails, the former certificate is put back. Exit code 1 unless proven.
    """
    from certwright.cli.client import path_of
    from certwright.cli.proof_view import activation_view

    if reset:
        with call.connect() as client:
            path = path_of("services", *endpoint.split("/"), "reset")
            call.show(client.post(path), _reset_view)
        return
    with call.connect() as client:
        document = client.post(path_of("endpoints", *endpoint.split("/"), "activation"))
    call.show(document, partial(activation_view, now=datetime.now(UTC)))
    if document.get("state") != "proven":
        raise typer.Exit(FAILED)


def _reset_view(document: Any) -> str:
    removed = ", ".join(document["removed"])
    return (
        f"The TLS settings of {document['service']} were reset ({removed}, kept beside), and it "
        "was restarted; it may serve without encryption now. Choose a certificate in its own "
        "settings once; after that certwright changes it again."
    )


@node_command
def prove(
    call: Call,
    target: Annotated[
        str,
        typer.Argument(
            metavar="ENDPOINT|HOST:PORT",
            help="What to shake hands with.",
            callback=_of_own_service,
        ),
    ],
) -> None:
    """Shake hands from outside, and show what that showed.

    HOST:PORT is any TLS server; without a node it is judged by this machine's own trust.
    Exit code 1 if what is served is not right.
    """
    from certwright.cli.proof_view import proof_view

    document = _prove(call, target)
    call.show(document, partial(proof_view, now=datetime.now(UTC)))
    if document.get("verdict") != "pass":
        raise typer.Exit(FAILED)


def _prove(call: Call, target: str) -> Any:
    try:
        with call.connect() as client:
            return client.post("proofs", {"target": target})
    except CertwrightError as error:
        if error.code is not ErrorCode.NODE_NOT_RUNNING or ":" not in target:
            raise
    from certwright.cli.outside_proof import prove_without_node

    return prove_without_node(target, datetime.now(UTC))


def _selection_view(document: Any) -> Any:
    from rich.console import Group
    from rich.text import Text

    from certwright.cli.certificate_view import name_of
    from certwright.cli.wording import GOOD, findings_list, title
    from certwright.designer.thumbprints import shortened

    endpoint, certificate = document["endpoint"], document["certificate"]
    called = f"{name_of(certificate)} (thumbprint {shortened(certificate['thumbprint'])})"
    saved = Text.assemble(("Saved", GOOD), f": {title(endpoint['name'])} is to use {called}")
    in_use = endpoint["saved"] == endpoint["active"]
    next_step = (
        "It is what it uses already."
        if in_use
        else f"To make it so: certwright activate {endpoint['name']}"
    )
    findings = [findings_list(document["findings"])] if document["findings"] else []
    return Group(saved, *findings, next_step)
