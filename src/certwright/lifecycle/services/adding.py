"""Finding a service, showing what would be taken on, and taking it on."""

import re
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from certwright.access.rights import Caller, Right, require
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.judging import Purpose, judge
from certwright.lifecycle.proving import prove_endpoint
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.allowance import require_allowed
from certwright.lifecycle.services.serving import served_chain
from certwright.lifecycle.switching import perform_on
from certwright.machine.services.kinds import KINDS
from certwright.machine.services.service import FoundEndpoint, FoundService, ServiceReference
from certwright.machine.services.tasks import FindService
from certwright.rules.environment import Environment
from certwright.rules.finding import Finding
from certwright.services.endpoints import ServiceEndpoint, parse_endpoint_name
from certwright.services.registered import (
    add_service,
    list_services,
    put_endpoint,
    remove_service,
    service_of,
)
from certwright.stores.database import add_certificate, find_certificate
from certwright.stores.place import INTERMEDIATE, PERSONAL
from certwright.stores.store import StoredCertificate
from certwright.x509.certificate import Certificate
from certwright.x509.names import server_names
from certwright.x509.text import printable

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_OWN = "node"
_LOCAL = "local"


@dataclass(frozen=True)
class ServiceToAdd:
    """The service that somebody wants the node to care for; `name` is "" for that of its kind."""

    reference: ServiceReference
    name: str
    environment: Environment


@dataclass(frozen=True)
class PlannedEndpoint:
    """An endpoint that was found, the certificate it uses, and what the rules say of it.

    `served` is what a handshake showed: that certificate and its intermediates, or ().
    """

    found: FoundEndpoint
    served: tuple[Certificate, ...]
    certificate: Certificate | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class ServicePlan:
    """What taking on a service would record. Nothing of the service itself changes by it."""

    name: str
    found: FoundService
    endpoints: tuple[PlannedEndpoint, ...]


def plan_service(server: Server, wanted: ServiceToAdd, caller: Caller) -> ServicePlan:
    """Look at a service; changes nothing. Raises what its program says, or NOT_PERMITTED."""
    require_allowed(caller, wanted.reference, server.allowed_services)
    found = _find(server, wanted.reference)
    served = [served_chain(one) for one in found.endpoints]
    with server.database.begin() as connection:
        name = _name(connection, wanted)
        endpoints = tuple(
            _planned(server, connection, one, chain, wanted.environment)
            for one, chain in zip(found.endpoints, served, strict=True)
        )
        connection.rollback()  # what was stored to be judged is stored again when it is taken on
    return ServicePlan(name, found, endpoints)


def take_on_service(server: Server, wanted: ServiceToAdd, caller: Caller) -> ServicePlan:
    """Record a service and its endpoints, with what they use now as what is active."""
    plan = plan_service(server, wanted, caller)
    if not plan.endpoints:
        raise CertwrightError(
            ErrorCode.NOT_FOUND,
            f"{plan.name} has no endpoint with a certificate. {' '.join(plan.found.notes)}".strip(),
            "Set up TLS in its configuration, with any certificate, then add it again.",
        )
    with server.database.begin() as connection:
        service = service_of(plan.name, wanted.environment, wanted.reference, plan.found)
        add_service(connection, server.seals.sealed(service), server.now())
        names = [_record(server, connection, plan.name, one) for one in plan.endpoints]
        message = f"{plan.name} ({service.kind}) is cared for from now on"
        record_event(connection, _event(server, caller, "service-added", plan.name, message))
    for name in names:
        prove_endpoint(server, name)
    return plan


def forget_service(server: Server, name: str, caller: Caller) -> None:
    """Care for a service no longer; what it serves stays as it is."""
    require(caller, Right.ADMIN, "remove a service")
    with server.database.begin() as connection:
        remove_service(connection, name)
        message = f"{name} is not cared for any more; it serves what it served"
        record_event(connection, _event(server, caller, "service-removed", name, message))


def known_kinds() -> tuple[str, ...]:
    """The kinds of services that can be taken on."""
    return tuple(sorted(KINDS))


def _find(server: Server, reference: ServiceReference) -> FoundService:
    found = perform_on(server, _LOCAL, FindService(reference))
    assert isinstance(found, FoundService)  # noqa: S101 - what the task is answered by
    return found


def _name(connection: Connection, wanted: ServiceToAdd) -> str:
    name = wanted.name or wanted.reference.kind
    if not _NAME.fullmatch(name) or name == _OWN:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"A service cannot be called {printable(name, 80)!r}.",
            "Use lower-case letters, digits, dots, hyphens and underscores, 63 at most. Where its "
            "configuration lies is told with --config FILE.",
        )
    if name in {service.name for service in list_services(connection)}:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"There is a service {name} already.",
            f"Give this one another name: certwright services add {wanted.reference.kind} NAME",
        )
    return name


def _planned(
    server: Server,
    connection: Connection,
    found: FoundEndpoint,
    served: tuple[Certificate, ...],
    environment: Environment,
) -> PlannedEndpoint:
    parse_endpoint_name(f"service/{found.name}")
    stored = _in_use(server, connection, found, served)
    if stored is None:
        return PlannedEndpoint(found, served, None, ())
    if not found.names:  # its configuration names none, so it is called as its certificate says
        found = replace(found, names=stored.certificate.names)
    purpose = Purpose(server_names(found.names), environment)
    stored = replace(stored, has_private_key=True)  # it lies where the service has it
    findings = judge(server, connection, stored, purpose)
    return PlannedEndpoint(found, served, stored.certificate, findings)


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


def _record(
    server: Server, connection: Connection, service: str, planned: PlannedEndpoint
) -> ServiceEndpoint:
    stored = _in_use(server, connection, planned.found, planned.served)
    fingerprint = stored.certificate.fingerprint if stored else None
    return put_endpoint(connection, service, planned.found, fingerprint)


def _event(server: Server, caller: Caller, kind: str, subject: str, message: str) -> Event:
    return Event(server.now(), caller.name, kind, subject, message, good=True)
