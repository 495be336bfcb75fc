"""The services that a node cares for beside its own two endpoints: which, where, and how."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from certwright.database.node_views import endpoints, services
from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.services.service import (
    FoundEndpoint,
    FoundService,
    MaterialForm,
    Option,
    ServiceReference,
)
from certwright.rules.environment import Environment
from certwright.services.endpoints import ServiceEndpoint, WebServerProtocol
from certwright.x509.text import printable


@dataclass(frozen=True)
class RegisteredService:
    """A service as recorded; `activation` and what follows are what was found when last looked.

    `machine` is "local" for the node's own.
    """

    name: str
    kind: str
    machine: str
    configuration: str
    options: tuple[Option, ...]
    environment: Environment
    takes: MaterialForm
    version: str
    activation: str
    interrupts: bool
    notes: tuple[str, ...]
    seal: str | None = None
    """What its node sealed when it took it on (`seals`); None before that."""

    @property
    def reference(self) -> ServiceReference:
        """What its machine knows it by."""
        return ServiceReference(self.kind, self.configuration, self.options)


def add_service(connection: Connection, service: RegisteredService, now: datetime) -> None:
    """Record a service, without endpoints yet."""
    connection.execute(
        insert(services).values(
            name=service.name,
            kind=service.kind,
            machine=service.machine,
            configuration=service.configuration,
            options=[asdict(option) for option in service.options],
            environment=service.environment.value,
            found=_found(service),
            created_at=now,
            seal=service.seal,
        )
    )


def service_of(
    name: str, environment: Environment, reference: ServiceReference, found: FoundService
) -> RegisteredService:
    """A service of this node's own machine, as it was found."""
    return RegisteredService(
        name=name,
        kind=reference.kind,
        machine="local",
        configuration=found.configuration,
        options=reference.options,
        environment=environment,
        takes=found.takes,
        version=found.version,
        activation=found.activation,
        interrupts=found.interrupts,
        notes=found.notes,
    )


def refresh_service(connection: Connection, service: RegisteredService) -> None:
    """Keep what a new look at a service found."""
    connection.execute(
        update(services).where(services.c.name == service.name).values(found=_found(service))
    )


def keep_seal(connection: Connection, service: RegisteredService) -> None:
    """Keep the seal of a service that was recorded without one."""
    connection.execute(
        update(services).where(services.c.name == service.name).values(seal=service.seal)
    )


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


def list_services(connection: Connection) -> tuple[RegisteredService, ...]:
    """All, by name."""
    return tuple(map(_service, connection.execute(select(services).order_by(services.c.name))))


def get_service(connection: Connection, name: str) -> RegisteredService:
    """One service; raises NOT_FOUND."""
    row = connection.execute(select(services).where(services.c.name == name)).one_or_none()
    if row is None:
        raise CertwrightError(
            ErrorCode.NOT_FOUND,
            f"There is no service {printable(name, 80)!r}.",
            "Look which there are: certwright services list",
        )
    return _service(row)


def remove_service(connection: Connection, name: str) -> None:
    """Forget a service and its endpoints; what it serves stays as it is."""
    get_service(connection, name)
    connection.execute(delete(services).where(services.c.name == name))


def _found(service: RegisteredService) -> dict[str, Any]:
    return {
        "takes": service.takes.value,
        "version": service.version,
        "activation": service.activation,
        "interrupts": service.interrupts,
        "notes": list(service.notes),
    }


def _service(row: Row[Any]) -> RegisteredService:
    return RegisteredService(
        name=row.name,
        kind=row.kind,
        machine=row.machine,
        configuration=row.configuration,
        options=tuple(Option(**option) for option in row.options),
        environment=Environment(row.environment),
        takes=MaterialForm(row.found["takes"]),
        version=row.found["version"],
        activation=row.found["activation"],
        interrupts=row.found["interrupts"],
        notes=tuple(row.found["notes"]),
        seal=row.seal,
    )
