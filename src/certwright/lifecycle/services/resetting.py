"""The way out for whoever is locked out of a service: its TLS settings removed, and restarted.

Selecting a right certificate mends a lock-out without losing any setting; this is for when nothing
else helps, and does what the vendor's documentation says to do by hand.
"""

from certwright.access.rights import Caller, Right, require
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.server import Server
from certwright.lifecycle.switching import perform
from certwright.machine.services.tasks import ActivateService, Changed, ResetService
from certwright.services.endpoints import ServiceEndpoint
from certwright.services.registered import get_service


def reset_service(server: Server, endpoint: ServiceEndpoint, caller: Caller) -> tuple[str, ...]:
    """Remove the TLS settings of the service of `endpoint`, kept beside; returns the places.

    Raises NOT_PERMITTED, NOT_FOUND, or NOT_AVAILABLE for a kind that has no such way out.
    """
    require(caller, Right.ADMIN, "reset the TLS settings of a service")
    with server.database.connect() as connection:
        service = get_service(connection, endpoint.service)
    removed = perform(server, service, ResetService(service.reference))
    assert isinstance(removed, Changed)  # noqa: S101 - what the task is answered by
    perform(server, service, ActivateService(service.reference, endpoint.endpoint))
    with server.database.begin() as connection:
        record_event(
            connection,
            Event(
                at=server.now(),
                actor=caller.name,
                kind="service-reset",
                subject=service.name,
                message=f"The TLS settings of {service.name} were reset, and it was restarted",
                good=True,
            ),
        )
    return removed.places
