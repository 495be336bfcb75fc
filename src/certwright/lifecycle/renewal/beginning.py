"""Beginning a renewal: what it is to bring, made from what it is to replace."""

from datetime import timedelta

from sqlalchemy import Connection

from certwright.authorities.internal import without_back_dating
from certwright.authorities.records import INTERNAL
from certwright.lifecycle.renewal.due import ACTOR, Outlook, Plan, names_of, plans
from certwright.lifecycle.renewal.preferences import internal_lifetime
from certwright.lifecycle.renewal.record import Wanted, begin_renewal, renewal_that_issued
from certwright.lifecycle.renewal.timing import QuietHours, lifetime_of
from certwright.lifecycle.server import Server
from certwright.services.endpoints import Endpoint, EndpointName, RenewalKey
from certwright.x509.certificate import Certificate, is_signed_by
from certwright.x509.keys import key_type_like
from certwright.x509.profile import profile_of


def begin_due(server: Server, quiet: QuietHours | None) -> tuple[int, ...]:
    """Begin a renewal for each certificate whose time has come; returns their numbers."""
    begun: list[int] = []
    with server.database.begin() as connection:
        for plan in plans(server, connection, quiet):
            if plan.outlook is Outlook.DUE:
                identifier = begin_for(server, connection, plan, ACTOR, plan.moment.reason)
                begun += [] if identifier is None else [identifier]
    return tuple(begun)


def begin_for(
    server: Server,
    connection: Connection,
    plan: Plan,
    actor: str,
    reason: str,
    key: RenewalKey | None = None,
    rehearsed_at: EndpointName | None = None,
) -> int | None:
    """Begin the renewal that `plan` is about; None if there is one, or nobody could issue it.

    `key` is None for what is set for its endpoints.
    """
    certificate = plan.certificate
    names = names_of(certificate)
    if plan.authority is None or not names:
        return None
    wanted = Wanted(
        certificate=certificate.fingerprint,
        names=names,
        authority=plan.authority,
        key=key or _key(plan.endpoints),
        key_type=key_type_like(certificate.public_key),
        lifetime=_lifetime(server, connection, certificate, plan.authority),
        actor=actor,
        reason=reason,
        rehearsed_at=rehearsed_at,
        profile=profile_of(certificate),
    )
    return begin_renewal(connection, wanted, server.now())


def _key(endpoints: tuple[Endpoint, ...]) -> RenewalKey:
    same = any(one.renewal.key is RenewalKey.SAME for one in endpoints)
    return RenewalKey.SAME if same else RenewalKey.NEW


def _lifetime(
    server: Server, connection: Connection, certificate: Certificate, authority: str
) -> timedelta:
    """What is to be asked for: as set, as was asked for the last time, else as long as it is."""
    wanted = internal_lifetime(connection) if authority == INTERNAL else None
    if wanted is not None:
        return wanted
    brought_by = renewal_that_issued(connection, certificate.fingerprint)
    if brought_by is not None:
        return brought_by.wanted.lifetime
    if is_signed_by(certificate, server.authority.intermediate):
        return without_back_dating(lifetime_of(certificate))
    return lifetime_of(certificate)
