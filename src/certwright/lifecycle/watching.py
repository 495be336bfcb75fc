"""Looking again and again whether what was proven once is still so."""

from certwright.lifecycle.activation import resume_activations
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.proof import Proof
from certwright.lifecycle.proving import prove_endpoint
from certwright.lifecycle.server import Server
from certwright.services.endpoints import Endpoint, list_endpoints

INTERVAL_SECONDS = 60.0


def look_at_endpoints(server: Server) -> None:
    """Prove each active endpoint, and record an event where the verdict is not what it was.

    An activation that lost its database half-way is brought to its end first.
    """
    resume_activations(server)
    with server.database.connect() as connection:
        endpoints = [one for one in list_endpoints(connection) if one.active is not None]
    for endpoint in endpoints:
        proof = prove_endpoint(server, endpoint.name)
        if proof.ok != endpoint.is_proven:
            _record_change(server, endpoint, proof)


def _record_change(server: Server, endpoint: Endpoint, proof: Proof) -> None:
    label = endpoint.name.label
    message = f"{label} is proven again" if proof.ok else f"{label} not proven: {proof.failure}"
    with server.database.begin() as connection:
        record_event(
            connection,
            Event(
                at=server.now(),
                actor="node",
                kind="proof-changed",
                subject=endpoint.name,
                message=message,
                good=proof.ok,
            ),
        )
