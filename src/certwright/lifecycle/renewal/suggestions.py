"""What authorities say on when to renew (RFC 9773), asked for in time and kept by certificate.

Kept by the certificate itself: a suggestion for the one before made a client renew in circles.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from certwright.authorities.authority import IssuanceFailed, RenewalWindow, SuggestsRenewal
from certwright.database.tables import suggested_windows
from certwright.errors import CertwrightError
from certwright.lifecycle.renewal.due import Plan, plans
from certwright.lifecycle.server import Server
from certwright.x509.certificate import Certificate

log = structlog.get_logger()

_WITHOUT_ADVICE = timedelta(hours=6)
_AFTER_A_FAILURE = timedelta(hours=1)
"""RFC 9773 4.3.3: an authority that has no advice, or fails, is not asked again all the time."""


def ask_authorities(server: Server) -> None:
    """Ask for each certificate in use whose authority has an opinion, where it is time to ask."""
    with server.database.connect() as connection:
        wanted = [
            plan
            for plan in plans(server, connection, None)
            if _is_to_be_asked(server, connection, plan)
        ]
    for plan in wanted:
        try:
            _ask(server, plan)
        except CertwrightError as error:
            # No reason to stop: without a suggestion the lifetime counts.
            log.warning("no suggestion", authority=plan.authority, reason=error.message)
            _keep(server, plan.certificate, {"look_again_at": _after(error, server.now())})


def _ask(server: Server, plan: Plan) -> None:
    authority = server.authorities.get(plan.authority or "")
    if isinstance(authority, SuggestsRenewal):
        window = authority.renewal_window(plan.certificate, server.now())
        _keep(server, plan.certificate, _as_kept(window, server.now()))


def _after(error: CertwrightError, now: datetime) -> datetime:
    """Never before the moment that the authority names, be the node started again meanwhile."""
    named = error.again_at if isinstance(error, IssuanceFailed) else None
    return max(named or now, now + _AFTER_A_FAILURE)


def _as_kept(window: RenewalWindow | None, now: datetime) -> dict[str, Any]:
    return {
        "starts_at": window.start if window else None,
        "ends_at": window.end if window else None,
        "explanation": window.explanation if window else "",
        "look_again_at": window.look_again_at if window else now + _WITHOUT_ADVICE,
    }


def _is_to_be_asked(server: Server, connection: Connection, plan: Plan) -> bool:
    if plan.authority is None:
        return False
    look_again_at = connection.execute(
        select(suggested_windows.c.look_again_at).where(
            suggested_windows.c.certificate == plan.certificate.fingerprint
        )
    ).scalar_one_or_none()
    return look_again_at is None or look_again_at <= server.now()


def _keep(server: Server, certificate: Certificate, values: Mapping[str, Any]) -> None:
    """Keep what came; what did not stays as it was."""
    row = {"certificate": certificate.fingerprint, "explanation": "", **values}
    with server.database.begin() as connection:
        connection.execute(
            insert(suggested_windows)
            .values(row)
            .on_conflict_do_update(index_elements=["certificate"], set_=dict(values))
        )
