"""The way out for whoever is locked out of a service: its TLS settings removed, and restarted.

Selecting a right certificate mends a lock-out without losing any setting; this is for when nothing
else helps, and does what the vendor's documentation says to do by hand.
"""

from certwright.access.rights import Caller, Right, require
from certwright.errors import CertwrightError
from certwright.lifecycle.endpoint_lock import endpoint_lock
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.server import Server
from certwright.lifecycle.switching import perform
from certwright.machine.services.tasks import ActivateService, Changed, ResetService
from certwright.services.endpoints import ServiceEndpoint, get_endpoint
from certwright.services.registered import get_service


def reset_service(server: Server, endpoint: ServiceEndpoint, caller: Caller) -> tuple[str, ...]:
    """Remove the TLS settings of the service of `endpoint`, kept beside; returns the places.

    Raises NOT_PERMITTED, NOT_FOUND, or NOT_AVAILABLE for a kind that has no such way out.
    """
    require(caller, Right.ADMIN, "reset the TLS settings of a service")
    with server.database.connect() as connection:
        service = get_service(connection, endpoint.service)
        get_endpoint(connection, endpoint)
    with endpoint_lock(server, endpoint):
        removed = perform(server, service, ResetService(service.reference))
        assert isinstance(removed, Changed)  # noqa: S101 - what the task is answered by
        try:
            perform(server, service, ActivateService(service.reference, endpoint.endpoint))
        except CertwrightError as error:
            _record(
                server,
                service.name,
                caller,
                f"but it was not restarted: {error.message}",
                good=False,
            )
            raise
        _record(server, service.name, caller, "and it was restarted", good=True)
    return removed.places


def _record(server: Server, name: str, caller: Caller, restarted: str, *, good: bool) -> None:
    message = f"The TLS settings of {name} were reset, {restarted}"
    event = Event(server.now(), caller.name, "service-reset", name, message, good)
    with server.database.begin() as connection:
        record_event(connection, event)
