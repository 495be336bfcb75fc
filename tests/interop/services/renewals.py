"""Renewals at real services, step by step and by a clock that the tests set."""

from dataclasses import replace
from datetime import UTC

from certwright.access.rights import Caller, Right
from certwright.lifecycle.renewal.advancing import Surroundings
from certwright.lifecycle.renewal.beginning import begin_for
from certwright.lifecycle.renewal.due import plans
from certwright.lifecycle.renewal.record import get_renewal, keep_renewal
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.adding import ServiceToAdd, take_on_service
from certwright.rules.environment import Environment
from certwright.services.endpoints import (
    RenewalSettings,
    ServiceEndpoint,
    save_renewal_settings,
)

from ...contract.services.adapter import ServiceAdapter

OWNER = Caller("local owner", Right.ADMIN, is_local=True)
SURROUNDINGS = Surroundings(lambda: 0.5, UTC)


def take_on(server: Server, adapter: ServiceAdapter, kind: str) -> ServiceEndpoint:
    """Take it on, and let the internal authority renew it."""
    assert adapter.reference is not None
    take_on_service(server, ServiceToAdd(adapter.reference, kind, Environment.TEST), OWNER)
    name = ServiceEndpoint(f"{kind}/{adapter.endpoint}")
    with server.database.begin() as connection:
        save_renewal_settings(connection, name, RenewalSettings(authority="internal"))
    return name


def begin(server: Server, certificate: str | None = None) -> int:
    """Begin the renewal of what the service uses, due or not; of one of several by fingerprint."""
    with server.database.begin() as connection:
        found = plans(server, connection, None)
        (plan,) = (one for one in found if certificate in (None, one.certificate.fingerprint))
        number = begin_for(server, connection, plan, "ada", "It was asked for.")
    assert number is not None
    return number


def agree(server: Server, renewal: int) -> None:
    """Take on what the new certificate lacks, such as another authority's root."""
    with server.database.begin() as connection:
        keep_renewal(connection, replace(get_renewal(connection, renewal), agreed=True))
