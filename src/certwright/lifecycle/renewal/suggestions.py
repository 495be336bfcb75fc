"""What authorities say on when to renew (RFC 9773), asked for in time and kept by certificate.

Kept by the certificate itself: a suggestion for the one before made a client renew in circles.
"""

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from certwright.authorities.authority import RenewalWindow, SuggestsRenewal
from certwright.database.tables import suggested_windows
from certwright.errors import CertwrightError
from certwright.lifecycle.renewal.due import Plan, plans
from certwright.lifecycle.server import Server
from certwright.x509.certificate import Certificate

log = structlog.get_logger()


def ask_authorities(server: Server) -> None:
    """Ask for each certificate in use whose authority has an opinion, where it is time to ask."""
    with server.database.connect() as connection:
        wanted = [
            plan
            for plan in plans(server, connection, None)
            if _is_to_be_asked(server, connection, plan)
        ]
    for plan in wanted:
        authority = server.authorities.get(plan.authority or "")
        if isinstance(authority, SuggestsRenewal):
            try:
                window = authority.renewal_window(plan.certificate, server.now())
            except CertwrightError as error:
                # No reason to stop: without a suggestion the lifetime counts.
                log.warning("no suggestion", authority=plan.authority, reason=error.message)
            else:
                _keep(server, plan.certificate, window)


def _is_to_be_asked(server: Server, connection: Connection, plan: Plan) -> bool:
    if plan.authority is None:
        return False
    look_again_at = connection.execute(
        select(suggested_windows.c.look_again_at).where(
            suggested_windows.c.certificate == plan.certificate.fingerprint
        )
    ).scalar_one_or_none()
    return look_again_at is None or look_again_at <= server.now()


def _keep(server: Server, certificate: Certificate, window: RenewalWindow | None) -> None:
    if window is None:
        return
    values = {
        "starts_at": window.start,
        "ends_at": window.end,
        "explanation": window.explanation,
        "look_again_at": window.look_again_at,
    }
    with server.database.begin() as connection:
        connection.execute(
            insert(suggested_windows)
            .values(certificate=certificate.fingerprint, **values)
            .on_conflict_do_update(index_elements=["certificate"], set_=values)
        )
