"""The kinds of services there are, and every task upon one, done."""

from collections.abc import Callable, Mapping
from functools import partial

from ..failures import FailureCode, MachineError
from .apache.service import Apache
from .command import Command
from .files import FilesService
from .haproxy.service import HAProxy
from .java_keystore.service import JavaKeystore
from .kubernetes.service import KubernetesSecret
from .nginx.service import Nginx
from .postgresql.service import PostgreSQL
from .service import Resettable, Service, ServiceReference
from .tasks import (
    Activated,
    ActivateService,
    Changed,
    ConfirmSelection,
    FindService,
    ResetService,
    SelectCertificate,
    ServiceResult,
    ServiceTask,
    UndoSelection,
)
from .theobald.service import BOARD_CONNECTOR, XTRACT_UNIVERSAL, TheobaldService

KINDS: Mapping[str, Callable[[ServiceReference], Service]] = {
    "apache": Apache,
    "board-connector": partial(TheobaldService, BOARD_CONNECTOR),
    "command": Command,
    "files": FilesService,
    "haproxy": HAProxy,
    "java-keystore": JavaKeystore,
    "kubernetes": KubernetesSecret,
    "nginx": Nginx,
    "postgresql": PostgreSQL,
    "xtract-universal": partial(TheobaldService, XTRACT_UNIVERSAL),
}
"""Each kind by the name that `services add` has for it."""


def open_service(reference: ServiceReference) -> Service:
    """The service that is meant; raises NOT_FOUND for an unknown kind."""
    try:
        kind = KINDS[reference.kind]
    except KeyError:
        raise MachineError(
            FailureCode.NOT_FOUND,
            f"There is no kind of service {reference.kind!r}.",
            f"Name one of: {', '.join(sorted(KINDS))}.",
        ) from None
    return kind(reference)


def can_be_reset(kind: str) -> bool:
    """Whether services of that kind are `Resettable`."""
    made = KINDS.get(kind)
    made = made.func if isinstance(made, partial) else made
    return isinstance(made, type) and issubclass(made, Resettable)


def perform(task: ServiceTask) -> ServiceResult:
    """Do one task; raises MachineError."""
    service = open_service(task.service)
    match task:
        case FindService():
            return service.find()
        case SelectCertificate():
            return Changed(service.select(task.endpoint, task.material))
        case ActivateService():
            return Activated(service.activate(task.endpoint))
        case ConfirmSelection():
            service.confirm(task.endpoint)
            return Changed(())
        case UndoSelection():
            return Changed(service.undo(task.endpoint))
        case ResetService():
            return Changed(_reset(service, task.service.kind))


def _reset(service: Service, kind: str) -> tuple[str, ...]:
    if not isinstance(service, Resettable):
        raise MachineError(
            FailureCode.NOT_AVAILABLE,
            f"A service of the kind {kind} has no TLS settings that could be reset.",
            "Select another certificate instead.",
        )
    return service.reset()
