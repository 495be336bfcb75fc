"""What a node says when it is up: the ready file for programs, a short summary for people."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from certwright.designer.thumbprints import grouped
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation_record import Activation, ActivationState
from certwright.lifecycle.endpoint_health import Health
from certwright.lifecycle.overview import overview
from certwright.machine.whole_files import write_whole
from certwright.node.serving import Started
from certwright.services.endpoints import (
    EndpointName,
    OwnEndpoint,
    WebServerProtocol,
    list_endpoints,
)
from certwright.stores.database import get_certificate
from certwright.x509.certificate import Certificate, is_signed_by
from certwright.x509.text import day

_LABEL_WIDTH = 10
_WIDTH_IN_FILES = 200
"""Columns when the output is no terminal: addresses and paths must not be broken there."""


def announce(started: Started) -> None:
    """Print the summary, and write the ready file if one is wanted and the node is proven."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_IN_FILES)
    summary = Table.grid(padding=(0, 2, 0, 0))
    summary.add_column(style="bold", no_wrap=True, min_width=_LABEL_WIDTH)
    summary.add_column(overflow="fold")
    for label, text in _summary(started):
        summary.add_row(label, text)
    console.print(summary)
    for activation in started.activations:
        if activation.state is not ActivationState.PROVEN:
            _tell_unproven(console, activation)
    if started.settings.ready_file is not None and started.is_proven:
        document = json.dumps(_ready_document(started), indent=2)
        _write_ready_file(started.settings.ready_file, document)


def _summary(started: Started) -> Iterator[tuple[str, str]]:
    server = started.server
    verdict = "ready and proven" if started.is_proven else "up, but not proven"
    root = server.authority.root
    yield "Certwright", f"{server.name} is {verdict} ({started.seconds:.1f} s)"
    yield from _concern(started)
    yield "Designer", _url(started, OwnEndpoint.CONFIGURATION_SERVER)
    yield "Web Server", f"{_url(started, OwnEndpoint.WEB_SERVER)}  {_behind(started)}"
    yield _made(started)
    if started.settings.certificate is not None and started.made.imported is None:
        yield (
            "",
            "--certificate counts at a first start only. To use another one later: "
            "certwright certificates import FILE, or Import in the Designer",
        )
    yield "Root", root.common_name
    yield "", f"SHA-256 {grouped(root.fingerprint)}"
    for sentence in dict.fromkeys(_trust(started)):
        yield "", sentence
    if started.first_password is not None:
        yield "Log in as", f"admin, password [bold]{escape(started.first_password)}[/]"
        yield "", "It is shown this once only. Change it in the Designer."
    yield "Stop", "Ctrl-C"


def _concern(started: Started) -> Iterator[tuple[str, str]]:
    """What the rules object to although each handshake showed what it should."""
    if any(one.state is not ActivationState.PROVEN for one in started.activations):
        return  # told at the end, with what to do
    seen = overview(started.server)
    if seen.health is not Health.GOOD:
        yield "But", f"[bold yellow]{escape(seen.sentence)}[/]"


def _behind(started: Started) -> str:
    upstream = started.settings.upstream
    return f"passes calls on to {escape(upstream)}" if upstream else "shows its status page"


def _made(started: Started) -> tuple[str, str]:
    made = started.made
    if made.imported is not None:
        return "Imported", _certificate_for(made.imported)
    if made.issued is not None:
        return "Made", _certificate_for(made.issued)
    return "Made", "nothing; all was here already"


def _certificate_for(certificate: Certificate) -> str:
    names = ", ".join(certificate.names) or certificate.common_name
    return f"a certificate for {escape(names)}, good until {day(certificate.not_after)}"


def _trust(started: Started) -> Iterator[str]:
    """What clients have to trust: the own root only where it is above what is served."""
    server = started.server
    with server.database.connect() as connection:
        served = [
            get_certificate(connection, endpoint.active.certificate)
            for endpoint in list_endpoints(connection)
            if endpoint.active is not None
            and endpoint.active.protocol.is_encrypted
            and endpoint.active.certificate is not None
        ]
    for certificate in served:
        if is_signed_by(certificate, server.authority.intermediate):
            yield f"Clients trust this server once they trust {escape(str(_root_file(started)))}"
        elif certificate.is_self_signed:
            yield "A self-signed certificate is served: clients have to trust that one itself"
        else:
            issuer = escape(certificate.issuer_name)
            yield f"A certificate of {issuer} is served: clients have to trust the root above that"


def _tell_unproven(console: Console, activation: Activation) -> None:
    title = activation.endpoint.label
    reasons = activation.failure
    if activation.state is ActivationState.PUT_BACK:
        console.print(
            f"[bold yellow]The {title} serves its former certificate.[/] {escape(reasons)} "
            "Select another certificate in the Designer."
        )
    else:
        console.print(
            f"[bold red]The {title} is not proven.[/] {escape(reasons)} "
            "Import and select a right one in the Designer, or here: "
            "certwright certificates import FILE, "
            f"certwright select {activation.endpoint} ID, "
            f"certwright activate {activation.endpoint}."
        )


def _ready_document(started: Started) -> dict[str, object]:
    server = started.server
    with server.database.connect() as connection:
        endpoints: dict[str, object] = {}
        for endpoint in list_endpoints(connection):
            fingerprint = endpoint.active.certificate if endpoint.active else None
            thumbprint = None
            if fingerprint is not None:
                thumbprint = get_certificate(connection, fingerprint).thumbprint
            endpoints[endpoint.name] = {
                "thumbprint": thumbprint,
                "fingerprint": fingerprint,
                "proof": endpoint.proof,
            }
    return {
        "pid": os.getpid(),
        "designer_url": _url(started, OwnEndpoint.CONFIGURATION_SERVER),
        "web_url": _url(started, OwnEndpoint.WEB_SERVER),
        "publication_url": f"http://{_host(server.name)}:{server.ports.publication}/",
        "acme_directory": None,
        "root_file": str(_root_file(started)),
        "endpoints": endpoints,
    }


def _url(started: Started, name: EndpointName) -> str:
    server = started.server
    protocol = next(
        WebServerProtocol(activation.choice.protocol)
        for activation in started.activations
        if activation.endpoint is name
    )
    scheme = "https" if protocol.is_encrypted else "http"
    return f"{scheme}://{_host(server.name)}:{server.port_of(name, protocol)}/"


def _host(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _root_file(started: Started) -> Path:
    return started.settings.data / "root.pem"


def _write_ready_file(file: Path, content: str) -> None:
    try:
        write_whole(file, f"{content}\n".encode(), 0o644)
    except OSError as error:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The ready file {file} cannot be written: {error.strerror}.",
            "Correct --ready-file.",
        ) from error
