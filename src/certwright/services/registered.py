"""The services that a node cares for beside its own two endpoints: which, where, and how."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from certwright.database.node_views import services
from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.services.service import (
    FoundService,
    MaterialForm,
    Option,
    ServiceReference,
)
from certwright.rules.environment import Environment
from certwright.services.latest_look import NOT_YET, LatestLook, read_look
from certwright.x509.text import printable

_OF_ANY_PROGRAM = frozenset({"command", "files", "java-keystore", "kubernetes"})


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
    latest_look: LatestLook = NOT_YET
    seal: str | None = None
    """What its node sealed when it took it on (`seals`); None before that."""

    @property
    def program(self) -> str:
        """What a sentence calls the program that serves; whose it is, is known of some kinds."""
        if self.kind in _OF_ANY_PROGRAM:
            return f"the server of {self.name}"
        return self.kind if self.name == self.kind else f"{self.kind} ({self.name})"

    @property
    def reference(self) -> ServiceReference:
        """What its machine knows it by."""
        return ServiceReference(self.kind, self.configuration, self.options)


def add_service(connection: Connection, service: RegisteredService, now: datetime) -> None:
    """Record a service, without endpoints yet; raises INVALID_INPUT if its name is taken."""
    added = connection.execute(
        insert(services)
        .values(
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
        .on_conflict_do_nothing()
        .returning(services.c.name)
    )
    if added.one_or_none() is None:
        raise name_taken(service.name, service.kind)


def name_taken(name: str, kind: str) -> CertwrightError:
    """What to raise for a second service of the same name."""
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        f"There is a service {name} already.",
        f"Look at it again: certwright services look {name} - or give this one another name: "
        f"certwright services add {kind} NAME",
    )


def service_of(
    name: str,
    environment: Environment,
    reference: ServiceReference,
    found: FoundService,
    now: datetime,
) -> RegisteredService:
    """A service of this node's own machine, as it was found just now."""
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
        latest_look=LatestLook(now),
    )


def as_found(
    service: RegisteredService, found: FoundService, look: LatestLook
) -> RegisteredService:
    """What a new look found of a service; what was taken on stays as it is."""
    return replace(
        service,
        takes=found.takes,
        version=found.version,
        activation=found.activation,
        interrupts=found.interrupts,
        notes=found.notes,
        latest_look=look,
    )


def refresh_service(connection: Connection, service: RegisteredService) -> None:
    """Keep what a new look at a service found; raises NOT_FOUND if it was removed meanwhile."""
    kept = update(services).where(services.c.name == service.name).values(found=_found(service))
    if connection.execute(kept.returning(services.c.name)).one_or_none() is None:
        raise _unknown(service.name)


def keep_seal(connection: Connection, service: RegisteredService) -> None:
    """Keep the seal of a service that was recorded without one."""
    connection.execute(
        update(services).where(services.c.name == service.name).values(seal=service.seal)
    )


def list_services(connection: Connection) -> tuple[RegisteredService, ...]:
    """All, by name."""
    return tuple(map(_service, connection.execute(select(services).order_by(services.c.name))))


def get_service(connection: Connection, name: str) -> RegisteredService:
    """One service; raises NOT_FOUND."""
    row = connection.execute(select(services).where(services.c.name == name)).one_or_none()
    if row is None:
        raise _unknown(name)
    return _service(row)


def hold_service(connection: Connection, name: str) -> None:
    """Let nobody else change a service until the end of the transaction; raises NOT_FOUND."""
    held = select(services.c.name).where(services.c.name == name).with_for_update()
    if connection.execute(held).one_or_none() is None:
        raise _unknown(name)


def remove_service(connection: Connection, name: str) -> None:
    """Forget a service and its endpoints, if it is there; what it serves stays as it is."""
    connection.execute(delete(services).where(services.c.name == name))


def _unknown(name: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.NOT_FOUND,
        f"There is no service {printable(name, 80)!r}.",
        "Look which there are: certwright services list",
    )


def _found(service: RegisteredService) -> dict[str, Any]:
    return {
        "takes": service.takes.value,
        "version": service.version,
        "activation": service.activation,
        "interrupts": service.interrupts,
        "notes": list(service.notes),
        "latest_look": service.latest_look.document,
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
        latest_look=read_look(row.found.get("latest_look")),
        seal=row.seal,
    )
