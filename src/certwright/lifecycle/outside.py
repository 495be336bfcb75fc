"""One look at a server from outside, as its clients see it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.proof import Proof, failed_proof, judge_as_client, judge_handshake
from certwright.machine.client_hello import preferred_group
from certwright.machine.connection import FailureReason
from certwright.machine.handshake import Handshake, HandshakeFailed, shake_hands
from certwright.machine.starttls import StartTls
from certwright.rules.candidate import Requirement
from certwright.services.endpoints import OwnEndpoint
from certwright.x509.certificate import Certificate
from certwright.x509.names import ServerName

_HANDSHAKE_SECONDS = 5.0


def look(
    address: str,
    port: int,
    name: str,
    demand: Requirement,
    selected: Certificate | None,
    *,
    starttls: StartTls | None = None,
    if_refused: str = "",
) -> Proof:
    """One handshake with what listens at `address` and `port`, judged.

    `selected` is the certificate that should be served (None: any that is right), `if_refused`
    what to do where nothing listens.
    """
    try:
        return judge_handshake(_shake_hands(address, port, name, starttls), demand, selected)
    except HandshakeFailed as failure:
        remedy = if_refused if failure.reason is FailureReason.REFUSED else ""
        return failed_proof(failure.message, address, port, name, demand.at, remedy=remedy)
    except CertwrightError as failure:  # its certificates are unreadable
        return failed_proof(failure.message, address, port, name, demand.at)


def look_as_client(
    address: str, port: int, name: ServerName, roots: Sequence[Certificate], at: datetime
) -> Proof:
    """One handshake, judged as a client would that trusts `roots` and knows nothing else."""
    try:
        return judge_as_client(_shake_hands(address, port, name.value), name, roots, at)
    except (HandshakeFailed, CertwrightError) as failure:
        return failed_proof(failure.message, address, port, name.value, at)


def _shake_hands(address: str, port: int, name: str, starttls: StartTls | None = None) -> Handshake:
    handshake = shake_hands(
        address, port, name, timeout_seconds=_HANDSHAKE_SECONDS, starttls=starttls
    )
    if starttls is not None:
        return handshake
    # Python's ssl cannot tell the group before 3.15, so a second, hand-made hello asks for it.
    group = handshake.group or preferred_group(address, port, name, _HANDSHAKE_SECONDS)
    return replace(handshake, group=group)


def parse_host_and_port(text: str) -> tuple[str, int]:
    """`host:port` or `[address]:port`; raises INVALID_INPUT."""
    host, _, port = text.rpartition(":")
    # The length first: Python refuses to read a number of thousands of digits.
    is_port = len(port) <= 5 and port.isascii() and port.isdecimal() and 0 < int(port) < 65536
    if not host or not is_port:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"{text!r} is neither an endpoint nor host:port.",
            f"Name one of {', '.join(OwnEndpoint)}, or for example server.corp.example:8165.",
        )
    return host.strip("[]"), int(port)
