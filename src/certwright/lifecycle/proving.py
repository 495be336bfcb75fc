"""Shaking hands with an endpoint from outside, until what is selected is what is served."""

import socket
import threading
import time
from datetime import datetime

from sqlalchemy import Connection

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.endpoint_lock import endpoint_lock
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.judging import requirement
from certwright.lifecycle.outside import look, look_as_client
from certwright.lifecycle.proof import Proof, failed_proof, plain_proof
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    Choice,
    EndpointName,
    get_endpoint,
    record_proof,
)
from certwright.stores.database import get_certificate
from certwright.x509.certificate import Certificate
from certwright.x509.names import ServerName

_CONNECT_SECONDS = 5.0
_PAUSE_SECONDS = 0.004
_MOST_ELSEWHERE = 8
_elsewhere = threading.BoundedSemaphore(_MOST_ELSEWHERE)


def prove_endpoint(server: Server, endpoint: EndpointName) -> Proof:
    """One look at what is active at `endpoint`, recorded; a changed verdict is an event."""
    with endpoint_lock(server, endpoint):
        with server.database.connect() as connection:
            current = get_endpoint(connection, endpoint)
        proof = prove_choice(server, endpoint, current.active or current.saved, patience=0)
        with server.database.begin() as connection:
            record_proof(connection, endpoint, proof.document)
            if proof.ok != current.is_proven:
                _record_change(connection, endpoint, proof, server.now())
    return proof


def _record_change(
    connection: Connection, endpoint: EndpointName, proof: Proof, now: datetime
) -> None:
    change = "proven again" if proof.ok else f"not proven: {proof.failure}"
    record_event(
        connection,
        Event(
            at=now,
            actor="node",
            kind="proof-changed",
            subject=endpoint,
            message=f"{endpoint.label} {change}",
            good=proof.ok,
        ),
    )


def prove_choice(
    server: Server, endpoint: EndpointName, choice: Choice, *, patience: float
) -> Proof:
    """Look until `choice` is what is served, for at most `patience` seconds."""
    port = server.ports.of(endpoint, choice.protocol)
    deadline = time.monotonic() + patience
    if not choice.protocol.is_encrypted:
        return _prove_plain(server, port, deadline)
    with server.database.connect() as connection:
        demand = requirement(server, connection)
        selected = get_certificate(connection, choice.certificate) if choice.certificate else None
    while True:
        proof = look(server.prove_address, port, server.name, demand, selected)
        if proof.ok or time.monotonic() >= deadline or _serves(proof, selected):
            return proof
        time.sleep(_PAUSE_SECONDS)


def prove_elsewhere(server: Server, address: str, port: int, name: ServerName) -> Proof:
    """One look at any server, as a client that trusts the roots this node knows.

    Raises BUSY when too many are looked at already.
    """
    with server.database.connect() as connection:
        demand = requirement(server, connection)
    # Silent servers must not take all the threads that the Designer is served with.
    if not _elsewhere.acquire(blocking=False):
        raise CertwrightError(
            ErrorCode.BUSY,
            f"{_MOST_ELSEWHERE} other servers are being proven at this moment.",
            "Try again in a few seconds.",
        )
    try:
        return look_as_client(address, port, name, demand.trusted_roots, demand.at)
    finally:
        _elsewhere.release()


def _serves(proof: Proof, selected: Certificate | None) -> bool:
    served = proof.document.get("served_fingerprint")
    return selected is not None and served == selected.fingerprint


def _prove_plain(server: Server, port: int, deadline: float) -> Proof:
    address = server.prove_address
    while True:
        try:
            socket.create_connection((address, port), _CONNECT_SECONDS).close()
        except OSError as error:
            if time.monotonic() >= deadline:
                sentence = f"Nothing answers on port {port}: {error.strerror or error}."
                return failed_proof(sentence, address, port, server.name, server.now())
            time.sleep(_PAUSE_SECONDS)
        else:
            return plain_proof(address, port, server.name, server.now())
