"""A proof without a node: what a server shows, judged by what this machine trusts."""

from datetime import datetime
from typing import Any

from certwright.lifecycle.known_roots import machine_roots
from certwright.lifecycle.outside import look_as_client, parse_host_and_port
from certwright.x509.names import parse_server_name

JUDGED_BY = "what this machine trusts, since no node is running here"


def prove_without_node(target: str, now: datetime) -> dict[str, Any]:
    """The proof of `target`, host:port, judged as any client on this machine would.

    Raises `CertwrightError` INVALID_INPUT for what is not host:port.
    """
    host, port = parse_host_and_port(target)
    proof = look_as_client(host, port, parse_server_name(host), machine_roots(), now)
    return proof.document | {"judged_by": JUDGED_BY}
