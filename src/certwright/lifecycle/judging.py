"""Is this certificate right for this server? The rules, fed with what the node knows."""

from sqlalchemy import Connection

from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import authorities_at_hand
from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.engine import check
from certwright.rules.finding import Finding
from certwright.stores.store import StoredCertificate
from certwright.x509.certificate import Certificate
from certwright.x509.chains import complete_chain


def requirement(server: Server, connection: Connection) -> Requirement:
    """What this server demands of a certificate now."""
    return Requirement(
        names=server.names[:1],
        environment=server.environment,
        at=server.now(),
        trusted_roots=server.trust.roots(connection, server.environment),
        public_roots=server.trust.public_roots(),
    )


def judge(server: Server, connection: Connection, stored: StoredCertificate) -> tuple[Finding, ...]:
    """The findings on one certificate in the store."""
    return judge_all(server, connection, (stored,))[0]


def judge_all(
    server: Server, connection: Connection, entries: tuple[StoredCertificate, ...]
) -> tuple[tuple[Finding, ...], ...]:
    """The findings on each of `entries`, in their order."""
    pool = authorities_at_hand(connection)
    demand = requirement(server, connection)
    return tuple(check(_candidate(stored, pool), demand) for stored in entries)


def served_chain(connection: Connection, leaf: Certificate) -> tuple[Certificate, ...]:
    """What a server sends: leaf and intermediates in order, without the root.

    RFC 8446 4.4.2: "a certificate that specifies a trust anchor MAY be omitted from the chain,
    provided that supported peers are known to possess any omitted certificates".
    """
    chain = complete_chain(leaf, authorities_at_hand(connection))
    return tuple(c for c in chain if c is leaf or not c.is_self_issued)


def _candidate(stored: StoredCertificate, pool: tuple[Certificate, ...]) -> Candidate:
    certificate = stored.certificate
    return Candidate(
        certificate=certificate,
        chain=complete_chain(certificate, pool)[1:],
        has_private_key=stored.has_private_key,
        private_key_fingerprint=certificate.key_fingerprint if stored.has_private_key else None,
    )
