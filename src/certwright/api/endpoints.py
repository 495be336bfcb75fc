"""REST: selecting, activating and proving."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from certwright.access.rights import Caller, Right, require
from certwright.api.authentication import CallerOf
from certwright.api.documents import (
    Document,
    activation_document,
    certificate_document,
    endpoint_document,
)
from certwright.lifecycle.activation import activate
from certwright.lifecycle.checking_document import finding_document
from certwright.lifecycle.outside import parse_host_and_port
from certwright.lifecycle.proving import prove_elsewhere, prove_endpoint
from certwright.lifecycle.selection import select_certificate
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    Endpoint,
    parse_endpoint_name,
)
from certwright.x509.names import parse_server_name


class SelectionRequest(BaseModel):
    """Which certificate an endpoint is to use."""

    certificate: str = Field(max_length=200)
    confirmed: bool = False
    version: int | None = None


class ProofRequest(BaseModel):
    """An endpoint's name, or host:port."""

    target: str = Field(max_length=300)


def endpoints_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """Select, activate, prove."""
    router = APIRouter(tags=["endpoints"])
    authenticated = Depends(caller_of)

    def document(endpoint: Endpoint) -> Document:
        protocol = (endpoint.active or endpoint.saved).protocol
        port = server.port_of(endpoint.name, protocol)
        return endpoint_document(endpoint, server.environment, port)

    @router.put("/endpoints/{name:path}/selection")
    def select(
        name: str, wanted: SelectionRequest, caller: Annotated[Caller, authenticated]
    ) -> Document:
        """Save the choice; the running service keeps the former until it is activated."""
        selection = select_certificate(
            server,
            parse_endpoint_name(name),
            wanted.certificate,
            read_version=wanted.version,
            confirmed=wanted.confirmed,
            caller=caller,
        )
        return {
            "certificate": certificate_document(selection.stored, server.now()),
            "endpoint": document(selection.endpoint),
            "findings": [finding_document(finding) for finding in selection.findings],
        }

    @router.post("/endpoints/{name:path}/activation")
    def activate_saved(name: str, caller: Annotated[Caller, authenticated]) -> Document:
        """Make the running service use what is saved and prove it, or put the former back."""
        return activation_document(activate(server, parse_endpoint_name(name), caller))

    @router.post("/proofs")
    def prove(wanted: ProofRequest, caller: Annotated[Caller, authenticated]) -> Document:
        """Shake hands with an endpoint, or with any host:port, from outside."""
        if ":" not in wanted.target:
            return prove_endpoint(server, parse_endpoint_name(wanted.target)).document
        # What the node can reach is not for everybody to find out: the caller may not be able to.
        require(caller, Right.MODIFY, "prove other servers from this machine")
        host, port = parse_host_and_port(wanted.target)
        return prove_elsewhere(server, host, port, parse_server_name(host)).document

    return router
