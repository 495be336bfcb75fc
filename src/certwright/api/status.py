"""REST: how the node stands."""

from fastapi import APIRouter, Depends
from sqlalchemy import text

from certwright.api.authentication import CallerOf
from certwright.api.authorities import authority_document
from certwright.api.documents import Document, endpoint_document
from certwright.api.nodes import node_documents
from certwright.api.renewal_documents import outlook_document, renewal_document
from certwright.api.services import service_documents
from certwright.api.telling import telling_documents
from certwright.database.engine import reading, shown_address
from certwright.lifecycle.overview import EndpointOverview, Overview, overview
from certwright.lifecycle.renewal.record import unfinished_renewals
from certwright.lifecycle.renewal.summary import sentence_of
from certwright.lifecycle.renewal.unused import unused_and_expiring
from certwright.lifecycle.server import Server
from certwright.x509.text import rfc3339


def status_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """Node, database, authorities, endpoints."""
    router = APIRouter(tags=["status"])

    @router.get("/status", dependencies=[Depends(caller_of)])
    def status() -> Document:
        """Everything at a glance."""
        seen = overview(server)
        with reading(server.database) as connection:
            at_work = unfinished_renewals(connection)
            unused = unused_and_expiring(server, connection)
        endpoints = [
            endpoint_document(one.endpoint, server.environment, one.port) | _verdict(one)
            for one in seen.endpoints
        ]
        return {
            "ready": all(one.endpoint.is_proven for one in seen.endpoints),
            "version": server.version,
            "server_name": server.name,
            "names": [name.value for name in server.names],
            "environment": server.environment.value,
            "health": seen.health.value,
            "sentence": seen.sentence,
            "database": _database(server),
            "nodes": node_documents(server),
            "authorities": [
                authority_document(server, record) for record in server.authorities.list()
            ],
            "services": [
                {
                    "name": "node",
                    "kind": "certwright",
                    "machine": "local",
                    "endpoints": endpoints,
                },
                *_registered(server, seen),
            ],
            "renewal_sentence": sentence_of(seen.plans, at_work),
            "renewals": list(map(renewal_document, at_work)),
            "unused": [
                {
                    "fingerprint": one.certificate.fingerprint,
                    "not_after": rfc3339(one.certificate.not_after),
                    "sentence": one.sentence,
                }
                for one in unused
            ],
            "telling": telling_documents(server),
        }

    return router


def _registered(server: Server, seen: Overview) -> list[Document]:
    """The services beside the node's own endpoints, each with how it stands."""
    by_name = {one.name: one for one in seen.all_endpoints}
    services = service_documents(server)
    for service in services:
        for endpoint in service["endpoints"]:
            if one := by_name.get(endpoint["name"]):  # else it was taken on this very moment
                endpoint |= _verdict(one)
    return services


def _verdict(one: EndpointOverview) -> Document:
    return {
        "active_thumbprint": one.active.thumbprint if one.active else None,
        "health": one.health.value,
        "sentence": one.sentence,
        "put_back": one.refusal is not None,
        "next_renewal": None if one.plan is None else outlook_document(one.plan),
    }


def _database(server: Server) -> Document:
    with server.database.connect() as connection:
        version = connection.execute(text("show server_version")).scalar_one()
    return {
        "kind": "PostgreSQL",
        "version": version,
        "url": shown_address(server.database),
    }
