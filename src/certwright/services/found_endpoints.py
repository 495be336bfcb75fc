"""Endpoints of services on record, as they were found in a configuration."""

from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, update

from certwright.database.node_views import endpoints
from certwright.machine.services.service import FoundEndpoint
from certwright.services.endpoints import ServiceEndpoint, WebServerProtocol


def put_endpoint(
    connection: Connection, service: str, found: FoundEndpoint, certificate: str | None
) -> ServiceEndpoint:
    """Record an endpoint that was found; `certificate` is the fingerprint of what it uses now."""
    name = ServiceEndpoint(f"{service}/{found.name}")
    https = WebServerProtocol.HTTPS.value
    connection.execute(
        insert(endpoints).values(
            name=name,
            service=service,
            names=list(found.names),
            addresses=[asdict(address) for address in found.addresses],
            saved_protocol=https,
            saved_certificate=certificate,
            active_protocol=None if certificate is None else https,
            active_certificate=certificate,
            version=1,
        )
    )
    return name


def keep_reach(connection: Connection, service: str, found: FoundEndpoint) -> ServiceEndpoint:
    """Record by which names, and where, an endpoint is reached now; all else of it stays."""
    name = ServiceEndpoint(f"{service}/{found.name}")
    reach = {"addresses": [asdict(address) for address in found.addresses]}
    # Where the configuration tells no names, those of the certificate are on record.
    values = reach | ({"names": list(found.names)} if found.names else {})
    connection.execute(update(endpoints).where(endpoints.c.name == name).values(**values))
    return name


def remove_endpoint(connection: Connection, name: ServiceEndpoint) -> None:
    """Forget one endpoint of a service; what it serves stays as it is."""
    connection.execute(delete(endpoints).where(endpoints.c.name == name))
