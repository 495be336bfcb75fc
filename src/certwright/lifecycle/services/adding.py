"""Finding a service, showing what would be taken on, and taking it on."""

import re
from dataclasses import astuple, dataclass
from pathlib import PurePosixPath, PureWindowsPath

from sqlalchemy import Connection

from certwright.access.rights import Caller, Right, require
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation_record import require_at_rest
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.proving import prove_endpoint
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.allowance import require_allowed
from certwright.lifecycle.services.planning import (
    PlannedEndpoint,
    plan_endpoints,
    record_endpoint,
)
from certwright.lifecycle.switching import perform_on
from certwright.machine.services.kinds import KINDS
from certwright.machine.services.service import FoundService, ServiceReference
from certwright.machine.services.tasks import FindService
from certwright.rules.environment import Environment
from certwright.services.endpoints import hold_endpoints, list_service_endpoints
from certwright.services.registered import (
    add_service,
    hold_service,
    list_services,
    name_taken,
    remove_service,
    service_of,
)
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
class ServicePlan:
    """What taking on a service would record. Nothing of the service itself changes by it."""

    name: str
    found: FoundService
    endpoints: tuple[PlannedEndpoint, ...]


def plan_service(server: Server, wanted: ServiceToAdd, caller: Caller) -> ServicePlan:
    """Look at a service; changes nothing. Raises what its program says, or NOT_PERMITTED."""
    require_allowed(caller, wanted.reference, server.allowed_services)
    _require_plain(wanted.reference)
    with server.database.connect() as connection:
        name = _name(connection, wanted)
    found = perform_on(server, _LOCAL, FindService(wanted.reference))
    assert isinstance(found, FoundService)  # noqa: S101 - what the task is answered by
    return ServicePlan(name, found, plan_endpoints(server, found.endpoints, wanted.environment))


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
        now = server.now()
        service = service_of(plan.name, wanted.environment, wanted.reference, plan.found, now)
        add_service(connection, server.seals.sealed(service), now)
        names = [record_endpoint(server, connection, plan.name, one) for one in plan.endpoints]
        message = f"{plan.name} ({service.kind}) is cared for from now on"
        record_event(connection, _event(server, caller, "service-added", plan.name, message))
    for name in names:
        prove_endpoint(server, name)
    return plan


def forget_service(server: Server, name: str, caller: Caller) -> None:
    """Care for a service no longer; what it serves stays as it is.

    Raises BUSY while one of its endpoints is being activated: what it serves is not settled yet.
    """
    require(caller, Right.ADMIN, "remove a service")
    with server.database.begin() as connection:
        hold_service(connection, name)
        hold_endpoints(connection)
        for endpoint in list_service_endpoints(connection, name):
            require_at_rest(connection, endpoint.name)
        remove_service(connection, name)
        message = f"{name} is not cared for any more; it serves what it served"
        record_event(connection, _event(server, caller, "service-removed", name, message))


def known_kinds() -> tuple[str, ...]:
    """The kinds of services that can be taken on."""
    return tuple(sorted(KINDS))


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
        raise name_taken(name, wanted.reference.kind)
    return name


def _require_plain(reference: ServiceReference) -> None:
    texts = (reference.configuration, *(text for one in reference.options for text in astuple(one)))
    strange = next((text for text in texts if not text.isprintable()), None)
    if strange is not None:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"{printable(strange, 80)!r} holds characters that cannot be printed.",
            "Leave them out: line breaks and control characters have no place in an option.",
        )
    place = reference.configuration
    if place and not (PurePosixPath(place).is_absolute() or PureWindowsPath(place).is_absolute()):
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"{place} is no whole path, and the node was started in a folder of its own.",
            "Write it from the root on, such as /srv/shop/nginx.conf.",
        )


def _event(server: Server, caller: Caller, kind: str, subject: str, message: str) -> Event:
    return Event(server.now(), caller.name, kind, subject, message, good=True)
