"""An endpoint that was found, before it is on record: what it uses, and whether that is right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.judging import Purpose, judge
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.serving import served_chain
from certwright.machine.services.service import FoundEndpoint
from certwright.rules.environment import Environment
from certwright.rules.finding import Finding
from certwright.services.endpoints import ServiceEndpoint, parse_endpoint_name
from certwright.services.found_endpoints import put_endpoint
from certwright.stores.database import add_certificate, find_certificate
from certwright.stores.place import INTERMEDIATE, PERSONAL
from certwright.stores.store import StoredCertificate
from certwright.x509.certificate import Certificate
from certwright.x509.names import server_names
from certwright.x509.text import printable


@dataclass(frozen=True)
class PlannedEndpoint:
    """An endpoint that was found, the certificate it uses, and what the rules say of it.

    `served` is what a handshake showed: that certificate and its intermediates, or ().
    """

    found: FoundEndpoint
    served: tuple[Certificate, ...]
    certificate: Certificate | None
    findings: tuple[Finding, ...]


def plan_endpoints(
    server: Server, found: Sequence[FoundEndpoint], environment: Environment
) -> tuple[PlannedEndpoint, ...]:
    """What taking them on would record. Nothing is recorded yet."""
    served = [served_chain(one) for one in found]
    with server.database.begin() as connection:
        planned = tuple(
            _planned(server, connection, one, chain, environment)
            for one, chain in zip(found, served, strict=True)
        )
        connection.rollback()  # what was stored to be judged is stored again when it is taken on
    return planned


def record_endpoint(
    server: Server, connection: Connection, service: str, planned: PlannedEndpoint
) -> ServiceEndpoint:
    """Record an endpoint, with what it uses now as what is active."""
    stored = _in_use(server, connection, planned.found, planned.served)
    fingerprint = stored.certificate.fingerprint if stored else None
    return put_endpoint(connection, service, planned.found, fingerprint)


def _planned(
    server: Server,
    connection: Connection,
    found: FoundEndpoint,
    served: tuple[Certificate, ...],
    environment: Environment,
) -> PlannedEndpoint:
    _require_name(found.name)
    stored = _in_use(server, connection, found, served)
    if stored is None:
        return PlannedEndpoint(found, served, None, ())
    if not found.names:  # its configuration names none, so it is called as its certificate says
        found = replace(found, names=stored.certificate.names)
    purpose = Purpose(server_names(found.names), environment)
    stored = replace(stored, has_private_key=True)  # it lies where the service has it
    findings = judge(server, connection, stored, purpose)
    return PlannedEndpoint(found, served, stored.certificate, findings)


def _require_name(name: str) -> None:
    try:
        parse_endpoint_name(f"service/{name}")
    except CertwrightError:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"An endpoint cannot be called {printable(name, 80)!r}.",
            "Let it go by lower-case letters, digits, dots, hyphens and underscores: the option "
            "endpoint tells its name, and of a Java keystore the alias is it.",
        ) from None


def _in_use(
    server: Server,
    connection: Connection,
    found: FoundEndpoint,
    served: tuple[Certificate, ...],
) -> StoredCertificate | None:
    """What the endpoint uses, put into the store with its intermediates where they can be had."""
    for intermediate in served[1:]:
        add_certificate(connection, intermediate, INTERMEDIATE, server.now())
    certificate = next(iter(served), None)
    if certificate is None and found.certificate:
        certificate = Certificate.from_der(found.certificate)
    if certificate is not None:
        add_certificate(connection, certificate, PERSONAL, server.now())
        return find_certificate(connection, certificate.fingerprint)
    if not found.thumbprint:
        return None
    try:
        return find_certificate(connection, found.thumbprint)
    except CertwrightError:  # it lies only in the store of its machine
        return None
