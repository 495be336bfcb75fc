"""Looking at a service again: what its configuration has that is not on record, and taking it on.

What stays keeps its certificates, its settings of renewal and its story. Nothing is done for a
service whose seal does not fit.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from certwright.access.rights import Caller, Right, require
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation_record import require_at_rest
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.proving import prove_endpoint
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.planning import (
    PlannedEndpoint,
    plan_endpoints,
    record_endpoint,
)
from certwright.lifecycle.switching import perform
from certwright.machine.services.service import FoundEndpoint, FoundService
from certwright.machine.services.tasks import FindService
from certwright.services.endpoints import (
    Endpoint,
    ServiceEndpoint,
    hold_endpoints,
    list_service_endpoints,
)
from certwright.services.found_endpoints import keep_reach, remove_endpoint
from certwright.services.latest_look import LatestLook, called, compare
from certwright.services.registered import (
    RegisteredService,
    as_found,
    get_service,
    list_services,
    refresh_service,
)
from certwright.x509.text import listed

DIFFERS = "service-differs"
_AGAIN_AFTER = timedelta(minutes=10)
_ONE_BY_OPTION = frozenset({"command", "files", "kubernetes"})
"""Kinds whose one endpoint an option names: no look finds another, and it may run programs."""
_ACTOR = "node"

log = structlog.get_logger()


@dataclass(frozen=True)
class LookedAt:
    """A service as it was found again, and what is on record of it; `new` are planned endpoints.

    `service.latest_look` tells what differs.
    """

    service: RegisteredService
    found: FoundService
    recorded: tuple[Endpoint, ...]
    new: tuple[PlannedEndpoint, ...]

    @property
    def gone(self) -> tuple[Endpoint, ...]:
        """Those on record that the configuration does not have any more."""
        return tuple(one for one in self.recorded if called(one) in self._look.gone)

    @property
    def changed(self) -> tuple[tuple[Endpoint, FoundEndpoint], ...]:
        """Those with other names or addresses: as recorded, and as found."""
        there = {one.name: one for one in self.found.endpoints}
        return tuple(
            (one, there[called(one)]) for one in self.recorded if called(one) in self._look.changed
        )

    @property
    def stays(self) -> tuple[Endpoint, ...]:
        """Those that are as they were."""
        others = {*self._look.gone, *self._look.changed}
        return tuple(one for one in self.recorded if called(one) not in others)

    @property
    def mark(self) -> str:
        """Of all that a yes would take on: another one for whatever else is found."""
        there = [one.found for one in self.new] + [found for _, found in self.changed]
        described = [
            {**asdict(one), "certificate": one.certificate.hex(), "notes": ()} for one in there
        ]
        canonical = json.dumps([described, self._look.gone], sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def _look(self) -> LatestLook:
        return self.service.latest_look


def look_again(server: Server, name: str, caller: Caller) -> LookedAt:
    """Look at a service; what is cared for stays what it is.

    Raises NOT_PERMITTED, NOT_FOUND, or what its program says.
    """
    require(caller, Right.ADMIN, "look at a service again")
    with server.database.connect() as connection:
        service = get_service(connection, name)
    found = _find(server, service)
    service, recorded = _keep_look(server, service, found)
    new = [one for one in found.endpoints if one.name in service.latest_look.new]
    return LookedAt(service, found, recorded, plan_endpoints(server, new, service.environment))


def take_on_look(server: Server, name: str, mark: str, caller: Caller) -> LookedAt:
    """Care for what is new, and forget what is gone; what stays keeps all its settings.

    Raises CHANGED_MEANWHILE if it differs from what `mark` is of, BUSY while one that is gone is
    being activated, and NOT_FOUND where the configuration has no server with TLS any more.
    """
    seen = look_again(server, name, caller)
    if seen.mark != mark:
        raise _changed_meanwhile(name)
    if not seen.found.endpoints:
        raise CertwrightError(
            ErrorCode.NOT_FOUND,
            f"{name} has no endpoint with a certificate any more. "
            f"{' '.join(seen.found.notes)}".strip(),
            f"Mend its configuration. To care for it no longer: certwright services remove {name}",
        )
    with server.database.begin() as connection:
        done = replace(seen.service, latest_look=LatestLook(server.now()))
        refresh_service(connection, done)  # first of all: it holds the service
        hold_endpoints(connection)
        recorded = list_service_endpoints(connection, name)
        now = compare(recorded, seen.found.endpoints, server.now())
        if now.differences != seen.service.latest_look.differences:
            raise _changed_meanwhile(name)
        for one in seen.gone:
            _forget(connection, one)
        reached = [keep_reach(connection, name, found) for _, found in seen.changed]
        reached += [record_endpoint(server, connection, name, one) for one in seen.new]
        event = Event(
            server.now(), caller.name, "service-looked-at", name, _message(seen), good=True
        )
        record_event(connection, event)
    for endpoint in reached:
        prove_endpoint(server, endpoint)
    return seen


def look_at_services(server: Server) -> None:
    """Look at each service that was not looked at for a while, and tell of what is new there."""
    with server.database.connect() as connection:
        services = list_services(connection)
    for service in services:
        at = service.latest_look.at
        is_due = at is None or not at <= server.now() < at + _AGAIN_AFTER
        if is_due and service.kind not in _ONE_BY_OPTION and server.seals.fits(service):
            _look_at(server, service)


def _look_at(server: Server, service: RegisteredService) -> None:
    try:
        looked_at, _ = _keep_look(server, service, _find(server, service))
    except CertwrightError as error:
        _keep_failure(server, service, error)
    except OperationalError:
        raise  # without its database nothing can be kept of the others either
    except Exception:  # whatever is wrong with one, the others are looked at
        log.exception("a service could not be looked at", service=service.name)
    else:
        look = looked_at.latest_look
        if look.differs and look.differences != service.latest_look.differences:
            _tell(server, service.name, look)


def _find(server: Server, service: RegisteredService) -> FoundService:
    try:
        found = perform(server, service, FindService(service.reference))
    except CertwrightError as error:
        if error.code is not ErrorCode.NOT_FOUND:
            raise
        raise CertwrightError(
            error.code,
            error.message,
            "Put back what is missing. If its configuration lies elsewhere now, forget it by "
            f"certwright services remove {service.name}, then add it again with its right place.",
        ) from None
    assert isinstance(found, FoundService)  # noqa: S101 - what the task is answered by
    return found


def _keep_look(
    server: Server, service: RegisteredService, found: FoundService
) -> tuple[RegisteredService, tuple[Endpoint, ...]]:
    with server.database.begin() as connection:
        recorded = list_service_endpoints(connection, service.name)
        look = compare(recorded, found.endpoints, server.now())
        service = as_found(service, found, look)
        refresh_service(connection, service)
    return service, recorded


def _keep_failure(server: Server, service: RegisteredService, error: CertwrightError) -> None:
    look = replace(service.latest_look, at=server.now(), failure=f"{error.message} {error.remedy}")
    with suppress(CertwrightError), server.database.begin() as connection:  # it may be removed
        refresh_service(connection, replace(service, latest_look=look))


def _tell(server: Server, name: str, look: LatestLook) -> None:
    message = f"{name} is not as Certwright knows it. {look.sentence}"
    with server.database.begin() as connection:
        record_event(connection, Event(server.now(), _ACTOR, DIFFERS, name, message, good=False))


def _forget(connection: Connection, endpoint: Endpoint) -> None:
    name = endpoint.name
    assert isinstance(name, ServiceEndpoint)  # noqa: S101 - it is one of a service
    require_at_rest(connection, name)
    remove_endpoint(connection, name)


def _message(seen: LookedAt) -> str:
    look = seen.service.latest_look
    parts = (
        ("cared for from now on", look.new),
        ("not cared for any more", look.gone),
        ("with other names or addresses", look.changed),
    )
    told = [f"{words}: {listed(names)}" for words, names in parts if names]
    return f"{seen.service.name} was looked at again; {'; '.join(told) or 'nothing differs'}"


def _changed_meanwhile(name: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.CHANGED_MEANWHILE,
        f"{name} is not any more what was shown.",
        "Look at it once more, then say yes to what is there now.",
    )
