"""Nothing is done for a service whose record is not what its node took on."""

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.server import Server
from certwright.services.registered import RegisteredService
from certwright.x509.text import printable

_ACTOR = "node"


def require_sealed(server: Server, service: RegisteredService) -> None:
    """Raises NOT_PERMITTED, and puts it on record, where the seal does not fit."""
    if server.seals.fits(service):
        return
    name, kind = printable(service.name, 80), printable(service.kind, 80)
    message = (
        f"The record of {name} in the database is not what this node took on, so nothing was run "
        "for it."
    )
    event = Event(server.now(), _ACTOR, "service-refused", name, message, good=False)
    with server.database.begin() as connection:
        record_event(connection, event)
    raise CertwrightError(
        ErrorCode.NOT_PERMITTED,
        message,
        "Find out who changed it, then take it on again: certwright services remove "
        f"{name}, certwright services add {kind} {name}",
    )
