"""What was signed by hand is looked at when it is brought, as its renewal will look at it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from certwright.authorities.answers import AnswerRefused, accept_answer
from certwright.authorities.by_hand_requests import ByHandRequest
from certwright.lifecycle.first_start import keep_issued
from certwright.lifecycle.renewal.obtaining import new_errors, own_endpoints_using
from certwright.lifecycle.renewal.record import unfinished_renewals
from certwright.lifecycle.server import Server
from certwright.x509.certificate import Certificate


def refuse_unfit(
    server: Server,
    connection: Connection,
    request: ByHandRequest,
    certificates: Sequence[Certificate],
) -> None:
    """Raise `AnswerRefused` for what the renewal that waits for `request` would not take on.

    The renewal itself could only ask anew, and the people would have to sign another request. One
    that is not good yet is left to it: it waits until then.
    """
    now = server.now()
    issued = accept_answer(certificates, request.wanted, now)
    asked = (
        one for one in unfinished_renewals(connection) if one.memory.get("request") == request.id
    )
    renewal = next(asked, None)
    if renewal is None or issued.leaf.not_before > now:
        return
    endpoints = own_endpoints_using(connection, renewal.wanted.certificate)
    with connection.begin_nested() as looked_at:
        keep_issued(connection, issued, now)
        wrong = new_errors(server, connection, renewal, issued.leaf, endpoints)
        looked_at.rollback()
    if wrong:
        raise AnswerRefused(
            f"The certificate is not right for where it is to be served: {' '.join(wrong)}",
            f"The request {request.id} still waits. Let it be signed anew with that mended, and "
            "bring the new answer.",
        )
