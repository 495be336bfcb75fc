"""Shaking hands with an endpoint from outside, until what is selected is what is served."""

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.endpoint_lock import endpoint_lock
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.judging import purpose_of, requirement
from certwright.lifecycle.outside import look, look_as_client
from certwright.lifecycle.proof import Proof, failed_proof, plain_proof, unreachable_proof
from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import issuers_at_hand
from certwright.machine.starttls import StartTls
from certwright.rules.candidate import Requirement
from certwright.services.endpoints import (
    Choice,
    Endpoint,
    EndpointName,
    OwnEndpoint,
    get_endpoint,
    record_proof,
)
from certwright.services.registered import get_service
from certwright.stores.database import get_certificate
from certwright.x509.certificate import Certificate
from certwright.x509.names import ServerName, server_names

_CONNECT_SECONDS = 5.0
_PAUSE_SECONDS = 0.004
_LOOK_PATIENCE = 1.0
"""Seconds; an old worker of a service that was just reloaded may answer once more."""
_MOST_ELSEWHERE = 8
_elsewhere = threading.BoundedSemaphore(_MOST_ELSEWHERE)


def prove_endpoint(server: Server, endpoint: EndpointName) -> Proof:
    """One look at what is active at `endpoint`, recorded; a changed verdict is an event."""
    with endpoint_lock(server, endpoint):
        with server.database.connect() as connection:
            current = get_endpoint(connection, endpoint)
        proof = prove_choice(
            server, endpoint, current.active or current.saved, patience=_LOOK_PATIENCE
        )
        with server.database.begin() as connection:
            record_proof(connection, endpoint, proof.document)
            if proof.ok != current.is_proven:
                _record_change(connection, current, proof, server.now())
    return proof


def _record_change(connection: Connection, endpoint: Endpoint, proof: Proof, now: datetime) -> None:
    proven = "proven" if endpoint.proof is None else "proven again"
    change = proven if proof.ok else f"not proven: {proof.failure}"
    record_event(
        connection,
        Event(
            at=now,
            actor="node",
            kind="proof-changed",
            subject=endpoint.name,
            message=f"{endpoint.name.label} {change}",
            good=proof.ok,
        ),
    )


@dataclass(frozen=True)
class ListeningPlace:
    """Where an endpoint is reached, and the name to ask for there.

    `if_refused` is what to do where nothing listens, "" where the node sees to that itself.
    """

    address: str
    port: int
    name: str
    starttls: StartTls | None = None
    if_refused: str = ""


def listening_places(
    server: Server, endpoint: EndpointName, choice: Choice
) -> tuple[ListeningPlace, ...]:
    """Where `endpoint` is reached while it serves `choice`; one at least."""
    if isinstance(endpoint, OwnEndpoint):
        port = server.port_of(endpoint, choice.protocol)
        return (ListeningPlace(server.prove_address, port, server.name),)
    with server.database.connect() as connection:
        recorded = get_endpoint(connection, endpoint)
        program = get_service(connection, endpoint.service).program
    name = next((one.value for one in server_names(recorded.names)), "")
    return tuple(
        ListeningPlace(
            one.host,
            one.port,
            name or one.host,
            StartTls(one.starttls) if one.starttls else None,
            f"See whether {program} runs, and start it.",
        )
        for one in recorded.addresses
    )


def prove_choice(
    server: Server,
    endpoint: EndpointName,
    choice: Choice,
    *,
    patience: float,
    trusting: bool = False,
) -> Proof:
    """Look until `choice` is what is served wherever it listens, for at most `patience` seconds.

    `trusting` lets its chain end wherever it does: whoever issued it only for a rehearsal.
    """
    places = listening_places(server, endpoint, choice)
    deadline = time.monotonic() + patience
    if not choice.protocol.is_encrypted:
        return _prove_plain(server, places[0].port, deadline)
    if not places:
        return unreachable_proof(server.now())
    proofs = _prove_places(server, endpoint, places, choice, deadline, trusting=trusting)
    return next((proof for proof in proofs if not proof.ok), proofs[0])


def is_served(server: Server, endpoint: EndpointName, choice: Choice) -> bool:
    """Whether its certificate is what is served wherever `endpoint` listens now, right or not."""
    places = listening_places(server, endpoint, choice)
    if choice.certificate is None or not places:
        return False
    proofs = _prove_places(server, endpoint, places, choice, deadline=0, trusting=False)
    served = {proof.document.get("served_fingerprint") for proof in proofs}
    return served == {choice.certificate}


def _prove_places(
    server: Server,
    endpoint: EndpointName,
    places: Sequence[ListeningPlace],
    choice: Choice,
    deadline: float,
    *,
    trusting: bool,
) -> list[Proof]:
    with server.database.connect() as connection:
        recorded = get_endpoint(connection, endpoint)
        demand = requirement(server, connection, purpose_of(server, connection, recorded))
        selected = get_certificate(connection, choice.certificate) if choice.certificate else None
        if trusting and selected is not None:
            end = (selected, *issuers_at_hand(connection, selected))[-1]
            demand = replace(demand, trusted_roots=(*demand.trusted_roots, end))
    return [_prove_place(place, demand, selected, deadline) for place in places]


def _prove_place(
    place: ListeningPlace, demand: Requirement, selected: Certificate | None, deadline: float
) -> Proof:
    while True:
        proof = look(
            place.address,
            place.port,
            place.name,
            demand,
            selected,
            starttls=place.starttls,
            if_refused=place.if_refused,
        )
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
