"""The authority whose requests go out to people and whose answers they bring, days later."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from certwright.authorities.answers import AnswerRefused, accept_answer, not_asked_for
from certwright.authorities.authority import (
    CertificateRequest,
    IssuanceFailed,
    IssuedCertificate,
    Memory,
    Pending,
    Progress,
)
from certwright.authorities.by_hand_requests import (
    ByHandRequest,
    closed_requests,
    keep_request,
    record_answer,
    waiting_requests,
    withdraw_request,
)
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate
from certwright.x509.keys import key_fingerprint

_IDENTIFIER_BYTES = 6


@dataclass(frozen=True)
class ByHandAuthority:
    """Keeps each request until somebody brings what was signed."""

    name: str
    database: Engine
    random: Callable[[int], bytes]
    keep: Callable[[Connection, IssuedCertificate, datetime], None]

    def issue(
        self, request: CertificateRequest, progress: Progress, now: datetime
    ) -> IssuedCertificate | Pending:
        """What was brought for the request, else `Pending` without a time to ask again.

        Raises `IssuanceFailed` where it was refused, or where the answer has expired meanwhile.
        """
        identifier: str | None = progress.memory.get("request")
        if identifier is None:
            identifier = self.random(_IDENTIFIER_BYTES).hex()
            progress.remember({"request": identifier})
        with self.database.begin() as connection:
            kept = keep_request(connection, identifier, self.name, request, now)
        if kept.is_waiting:
            return Pending(f"{self.name} waits for the answer to the request {kept.title}.", None)
        if not kept.answer:
            raise IssuanceFailed(
                f"The request {kept.title} was refused: {kept.refusal}",
                f"Settle it with whoever signs for {self.name}, then request it anew.",
                is_final=True,
            )
        try:
            issued = accept_answer(kept.answer, request, now)
        except AnswerRefused as refused:
            raise IssuanceFailed(refused.message, refused.remedy, starts_over=True) from refused
        with self.database.begin() as connection:
            self.keep(connection, issued, now)
        return issued

    def abandon(self, memory: Memory) -> None:
        """Withdraw the request that still waits: nobody needs its answer any more."""
        if identifier := memory.get("request"):
            with self.database.begin() as connection:
                withdraw_request(connection, identifier)


def answer_requests(
    connection: Connection, authority: str, certificates: Sequence[Certificate], now: datetime
) -> tuple[ByHandRequest, ...]:
    """Give what was brought to each waiting request of `authority` that has the certificate's key.

    Returns these requests. Raises NOT_FOUND where no request waits, `AnswerRefused` where the
    certificates are not what any of them asked for, CHANGED_MEANWHILE where that request has an
    end already.
    """
    waiting = waiting_requests(connection, authority)
    keys = {one.key_fingerprint for one in certificates}
    meant = [one for one in waiting if key_fingerprint(one.wanted.public_key) in keys]
    if not meant:
        _refuse_late(connection, authority, keys)
    if not waiting:
        raise CertwrightError(
            ErrorCode.NOT_FOUND,
            f"No request to {authority} waits for an answer.",
            "If the certificate is one of another server, import it: certwright certificates "
            "import FILE.",
        )
    if not meant:
        raise not_asked_for(certificates)
    accepted = {one: _accept(certificates, one, now) for one in meant}
    refusals = [one for one in accepted.values() if isinstance(one, AnswerRefused)]
    if len(refusals) == len(meant):
        raise refusals[0]
    for one, answer in accepted.items():
        if isinstance(answer, IssuedCertificate):
            record_answer(connection, one.id, _in_order(answer), now)
    return tuple(one for one, answer in accepted.items() if isinstance(answer, IssuedCertificate))


def _refuse_late(connection: Connection, authority: str, keys: Collection[str]) -> None:
    """Raise CHANGED_MEANWHILE if a request with one of these keys has an end already."""
    closed = closed_requests(connection, authority, keys)
    if not closed:
        return
    latest = closed[-1]
    if latest.refusal:
        raise CertwrightError(
            ErrorCode.CHANGED_MEANWHILE,
            f"The request {latest.title} was refused: {latest.refusal}",
            "Begin another one, and let that be signed: certwright renew ID",
        )
    raise CertwrightError(
        ErrorCode.CHANGED_MEANWHILE,
        f"The request {latest.title} is answered already.",
        "See what came of it: certwright renewals list",
    )


def _accept(
    certificates: Sequence[Certificate], request: ByHandRequest, now: datetime
) -> IssuedCertificate | AnswerRefused:
    # The same key may be asked for twice, with other names; the answer is for one of the two then.
    try:
        return accept_answer(certificates, request.wanted, now)
    except AnswerRefused as refused:
        return refused


def _in_order(issued: IssuedCertificate) -> tuple[Certificate, ...]:
    root = () if issued.root is None else (issued.root,)
    return tuple(dict.fromkeys((issued.leaf, *issued.intermediates, *root)))
