"""What a machine can be asked to do with its services, and what it answers besides.

The places of `machine/tasks.py` for services: plain values, written as JSON by `task_messages`.
"""

from dataclasses import dataclass

from .service import FoundService, Material, ServiceReference


@dataclass(frozen=True)
class FindService:
    """Read a service's configuration. Answered by `FoundService`."""

    service: ServiceReference


@dataclass(frozen=True)
class SelectCertificate:
    """Write which certificate an endpoint uses from its next activation on. By `Changed`."""

    service: ServiceReference
    endpoint: str
    material: Material


@dataclass(frozen=True)
class ActivateService:
    """Make the running program use its configuration. Answered by `Activated`."""

    service: ServiceReference
    endpoint: str


@dataclass(frozen=True)
class ConfirmSelection:
    """The choice is proven. Answered by `Changed`, with no places."""

    service: ServiceReference
    endpoint: str


@dataclass(frozen=True)
class UndoSelection:
    """Put back what was activated last. Answered by `Changed`."""

    service: ServiceReference
    endpoint: str


@dataclass(frozen=True)
class ResetService:
    """Remove its TLS settings, where the kind has that way out. Answered by `Changed`."""

    service: ServiceReference


ServiceTask = (
    FindService
    | SelectCertificate
    | ActivateService
    | ConfirmSelection
    | UndoSelection
    | ResetService
)


@dataclass(frozen=True)
class Changed:
    """The places that hold something else now, such as paths of files."""

    places: tuple[str, ...]


@dataclass(frozen=True)
class Activated:
    """What was done, in words."""

    sentence: str


ServiceResult = FoundService | Changed | Activated
