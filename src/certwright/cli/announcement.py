"""What a node says when it is up: the ready file for programs, a short summary for people."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from certwright.designer.thumbprints import grouped
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation_record import Activation, ActivationState
from certwright.machine.whole_files import write_whole
from certwright.node.start import Started
from certwright.services.endpoints import EndpointName, WebServerProtocol, list_endpoints
from certwright.stores.database import get_certificate
from certwright.x509.text import day


def announce(started: Started) -> None:
    """Print the summary, and write the ready file if one is wanted and the node is proven."""
    console = Console(highlight=False, soft_wrap=True)
    for line in _summary(started):
        console.print(line)
    for activation in started.activations:
        if activation.state is not ActivationState.PROVEN:
            _tell_unproven(console, activation)
    if started.settings.ready_file is not None and started.is_proven:
        document = json.dumps(_ready_document(started), indent=2)
        _write_ready_file(started.settings.ready_file, document)


def _summary(started: Started) -> Iterator[str]:
    server = started.server
    verdict = "ready and proven" if started.is_proven else "up, but not proven"
    root = server.authority.root
    rows = [
        ("Certwright", f"{server.name} is {verdict} ({started.seconds:.1f} s)"),
        ("Designer", _url(started, EndpointName.CONFIGURATION_SERVER)),
        ("Web Server", f"{_url(started, EndpointName.WEB_SERVER)}  {_behind(started)}"),
        ("Made", _made(started)),
        ("Root", f"{root.common_name}, SHA-256 {grouped(root.fingerprint)}"),
        ("", f"Clients trust this server once they trust {_root_file(started)}"),
    ]
    if started.first_password is not None:
        password = f"[bold]{escape(started.first_password)}[/]"
        rows.append(("Log in as", f"admin, password {password}"))
        rows.append(("", "It is shown this once only. Change it in the Designer."))
    rows.append(("Stop", "Ctrl-C"))
    for label, text in rows:
        yield f"[bold]{label:<12}[/]{text}"


def _behind(started: Started) -> str:
    upstream = started.settings.upstream
    return f"passes calls on to {escape(upstream)}" if upstream else "shows its status page"


def _made(started: Started) -> str:
    made = started.made
    if made.imported is not None:
        return (
            f"nothing; {escape(made.imported.common_name)} was imported, good until "
            f"{day(made.imported.not_after)}"
        )
    if made.issued is not None:
        names = ", ".join(made.issued.names)
        return f"a certificate for {escape(names)}, good until {day(made.issued.not_after)}"
    return "nothing; all was here already"


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
            f"Mend it: certwright select {activation.endpoint} ID, then "
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
            endpoints[endpoint.name.value] = {
                "thumbprint": thumbprint,
                "fingerprint": fingerprint,
                "proof": endpoint.proof,
            }
    return {
        "pid": os.getpid(),
        "designer_url": _url(started, EndpointName.CONFIGURATION_SERVER),
        "web_url": _url(started, EndpointName.WEB_SERVER),
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
    return f"{scheme}://{_host(server.name)}:{server.ports.of(name, protocol)}/"


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
