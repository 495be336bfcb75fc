"""What each endpoint does with a stored certificate, and whether that is right for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection

from certwright.lifecycle.judging import Purpose, judge, purpose_of
from certwright.lifecycle.server import Server
from certwright.rules.engine import is_right, worst_first
from certwright.rules.finding import Finding
from certwright.services.endpoints import (
    Endpoint,
    EndpointName,
    OwnEndpoint,
    ServiceEndpoint,
    list_all_endpoints,
)
from certwright.stores.store import StoredCertificate


class Use(StrEnum):
    """What an endpoint does with a certificate."""

    SERVED = "saved and served"
    SAVED = "saved, and served after the next restart"
    FORMER = "still served until the next restart; another one is saved"
    KEPT = "saved, but not used while the endpoint speaks HTTP"
    NONE = "not used"


@dataclass(frozen=True)
class EndpointVerdict:
    """One endpoint: whether the certificate is right for it, and what it does with it."""

    endpoint: Endpoint
    use: Use
    findings: tuple[Finding, ...]

    @property
    def name(self) -> EndpointName:
        """Which endpoint."""
        return self.endpoint.name

    @property
    def is_right(self) -> bool:
        """Whether it may be used there without a second thought."""
        return is_right(self.findings)

    @property
    def needs_restart(self) -> bool:
        """Whether a restart would begin or end its use."""
        return self.use in {Use.SAVED, Use.FORMER}


def endpoint_verdicts(
    server: Server, connection: Connection, stored: StoredCertificate
) -> tuple[EndpointVerdict, ...]:
    """The verdict on `stored` of the node's own endpoints, and of those of services it is for.

    None for what only stands in chains. A service's endpoint that does not use it, and that it is
    not right for, has nothing to say.
    """
    if stored.is_issuer_only:
        return ()
    verdicts = _verdicts(server, connection, stored)
    return tuple(
        one
        for one in verdicts
        if isinstance(one.name, OwnEndpoint) or one.is_right or one.use is not Use.NONE
    )


def findings_where_used(
    server: Server, connection: Connection, stored: StoredCertificate
) -> tuple[Finding, ...]:
    """What the rules say of `stored` at the endpoints that use it; for this server if none does."""
    if stored.is_issuer_only:
        return ()
    used = [one for one in _verdicts(server, connection, stored) if one.use is not Use.NONE]
    if not used:
        return judge(server, connection, stored)
    return worst_first(dict.fromkeys(finding for one in used for finding in one.findings))


def _verdicts(
    server: Server, connection: Connection, stored: StoredCertificate
) -> Iterator[EndpointVerdict]:
    judged: dict[tuple[Purpose, bool], tuple[Finding, ...]] = {}
    for one in list_all_endpoints(connection):
        use = use_of(one, stored.certificate.fingerprint)
        is_at_service = isinstance(one.name, ServiceEndpoint) and use in {Use.SERVED, Use.FORMER}
        seen = replace(stored, has_private_key=True) if is_at_service else stored
        purpose = purpose_of(server, connection, one)
        key = (purpose, seen.has_private_key)
        if key not in judged:
            judged[key] = judge(server, connection, seen, purpose)
        yield EndpointVerdict(one, use, judged[key])


def use_of(endpoint: Endpoint, fingerprint: str) -> Use:
    """What `endpoint` does with the certificate."""
    saved, active = endpoint.saved, endpoint.active
    is_served = (
        active is not None and active.protocol.is_encrypted and active.certificate == fingerprint
    )
    if saved.certificate != fingerprint:
        return Use.FORMER if is_served else Use.NONE
    if not saved.protocol.is_encrypted:
        return Use.KEPT
    return Use.SERVED if is_served else Use.SAVED


def used_by(
    endpoints: Sequence[Endpoint], fingerprint: str
) -> tuple[tuple[EndpointName, Use], ...]:
    """The endpoints that use the certificate in some way."""
    uses = ((one.name, use_of(one, fingerprint)) for one in endpoints)
    return tuple((name, use) for name, use in uses if use is not Use.NONE)
