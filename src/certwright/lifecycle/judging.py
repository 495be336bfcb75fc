"""Is this certificate right for this server? The rules, fed with what the node knows."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection, Text, column, select, values

from certwright.database.tables import certificates
from certwright.lifecycle.debian_weak_keys import debian_weak_keys
from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import issuers_at_hand, possible_issuers
from certwright.rules.candidate import Candidate, Deployment, Requirement
from certwright.rules.case import Case
from certwright.rules.engine import check, worst_first
from certwright.rules.environment import Environment
from certwright.rules.finding import Finding
from certwright.rules.public_certificates import lint_public_certificate
from certwright.services.endpoints import Endpoint, ServiceEndpoint
from certwright.services.registered import RegisteredService, get_service
from certwright.stores.store import StoredCertificate
from certwright.x509.certificate import Certificate
from certwright.x509.chains import complete_chain
from certwright.x509.names import ServerName, server_names

_MOST_SHARING = 20
"""Certificates of one key that are looked at; more belong to one server that renews with it."""


@dataclass(frozen=True)
class Purpose:
    """Under which names, and in which kind of place, a certificate is to serve."""

    names: tuple[ServerName, ...]
    environment: Environment


Entry: TypeAlias = tuple[StoredCertificate, Deployment | None, Purpose | None]
"""What is to be judged, the endpoint that uses it, and for what, None for this server."""


def own_purpose(server: Server) -> Purpose:
    """That of the node's own endpoints."""
    return Purpose(server.names[:1], server.environment)


def purpose_of(server: Server, connection: Connection, endpoint: Endpoint) -> Purpose:
    """What the certificate of `endpoint` is for."""
    if not isinstance(endpoint.name, ServiceEndpoint):
        return own_purpose(server)
    service = get_service(connection, endpoint.name.service)
    return service_purpose(service, endpoint)


def service_purpose(service: RegisteredService, endpoint: Endpoint) -> Purpose:
    """What the certificate of an endpoint of `service` is for."""
    return Purpose(server_names(endpoint.names), service.environment)


def requirement(
    server: Server, connection: Connection, purpose: Purpose | None = None
) -> Requirement:
    """What this server, or another `purpose`, demands of a certificate now."""
    purpose = purpose or own_purpose(server)
    return _requirements(server, connection, {purpose})[purpose]


def _requirements(
    server: Server, connection: Connection, purposes: Collection[Purpose]
) -> dict[Purpose, Requirement]:
    environments = {one.environment for one in purposes}
    roots = {one: server.trust.roots(connection, one) for one in environments}
    now, public_roots = server.now(), server.trust.public_roots()
    return {
        one: Requirement(
            names=one.names,
            environment=one.environment,
            at=now,
            trusted_roots=roots[one.environment],
            public_roots=public_roots,
            debian_weak_keys=debian_weak_keys(),
        )
        for one in purposes
    }


def judge(
    server: Server,
    connection: Connection,
    stored: StoredCertificate,
    purpose: Purpose | None = None,
) -> tuple[Finding, ...]:
    """The findings on one certificate in the store, the linter's on a public one among them.

    Judged for this server, or for another `purpose`.
    """
    ((candidate, demand),) = _cases(server, connection, [(stored, None, purpose)])
    case = Case(candidate, demand)
    linted = lint_public_certificate(case.certificate) if case.by_public_rules else ()
    return worst_first((*check(candidate, demand), *linted))


def judge_all(
    server: Server, connection: Connection, entries: Sequence[Entry]
) -> tuple[tuple[Finding, ...], ...]:
    """The findings on each of `entries`, in their order.

    The linter of public certificates, which takes ten times as long as all rules, is left out.
    """
    return tuple(check(*case) for case in _cases(server, connection, entries))


def _cases(
    server: Server,
    connection: Connection,
    entries: Sequence[Entry],
) -> tuple[tuple[Candidate, Requirement], ...]:
    leaves = [stored.certificate for stored, _, _ in entries]
    pool = possible_issuers(connection, leaves)
    purposes = [purpose or own_purpose(server) for _, _, purpose in entries]
    demands = _requirements(server, connection, set(purposes))
    sharing = _certificates_by_key(connection, leaves)
    return tuple(
        (_candidate(stored, pool, sharing, deployment), demands[purpose])
        for (stored, deployment, _), purpose in zip(entries, purposes, strict=True)
    )


def served_chain(connection: Connection, leaf: Certificate) -> tuple[Certificate, ...]:
    """What a server sends: leaf and intermediates in order, without the root.

    RFC 8446 4.4.2: "a certificate that specifies a trust anchor MAY be omitted from the chain,
    provided that supported peers are known to possess any omitted certificates".
    """
    above = issuers_at_hand(connection, leaf)
    return (leaf, *(issuer for issuer in above if not issuer.is_self_issued))


def _candidate(
    stored: StoredCertificate,
    pool: tuple[Certificate, ...],
    sharing: dict[str, tuple[Certificate, ...]],
    deployment: Deployment | None,
) -> Candidate:
    certificate = stored.certificate
    return Candidate(
        certificate=certificate,
        chain=complete_chain(certificate, pool)[1:],
        has_private_key=stored.has_private_key,
        private_key_fingerprint=certificate.key_fingerprint if stored.has_private_key else None,
        same_key=tuple(one for one in sharing[certificate.key_fingerprint] if one != certificate),
        deployment=deployment,
    )


def _certificates_by_key(
    connection: Connection, leaves: Iterable[Certificate]
) -> dict[str, tuple[Certificate, ...]]:
    """For each key of `leaves`, the certificates in the stores that have it, if not too many."""
    found: dict[str, tuple[Certificate, ...]] = {one.key_fingerprint: () for one in leaves}
    if not found:
        return found
    keys = values(column("key_fingerprint", Text), name="keys").data([(key,) for key in found])
    alike = (
        select(certificates.c.fingerprint, certificates.c.der)
        .where(certificates.c.key_fingerprint == keys.c.key_fingerprint)
        .limit(_MOST_SHARING)
        .lateral("alike")
    )
    rows = select(keys.c.key_fingerprint, alike.c.der).order_by(alike.c.fingerprint)
    for row in connection.execute(rows):
        found[row.key_fingerprint] += (Certificate.from_der(row.der),)
    return found
