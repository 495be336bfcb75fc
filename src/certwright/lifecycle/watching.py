"""Looking again and again whether what was proven once is still so."""

import structlog
from sqlalchemy.exc import OperationalError

from certwright.lifecycle.activation import resume_activations
from certwright.lifecycle.proving import prove_endpoint
from certwright.lifecycle.server import Server
from certwright.services.endpoints import list_all_endpoints

INTERVAL_SECONDS = 60.0

log = structlog.get_logger()


def look_at_endpoints(server: Server) -> None:
    """Prove each active endpoint.

    An activation that lost its database half-way is brought to its end first.
    """
    resume_activations(server)
    with server.database.connect() as connection:
        endpoints = [one for one in list_all_endpoints(connection) if one.active is not None]
    for endpoint in endpoints:
        try:
            prove_endpoint(server, endpoint.name)
        except OperationalError:
            raise  # without its database nothing can be recorded of the others either
        except Exception:  # whatever is wrong with one, the others are looked at
            log.exception("an endpoint could not be looked at", endpoint=endpoint.name)
