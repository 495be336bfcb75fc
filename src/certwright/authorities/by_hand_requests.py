"""The requests that went out to people who sign by hand, and what came back."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from certwright.authorities.authority import CertificateRequest
from certwright.database.tables import by_hand_requests
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate
from certwright.x509.keys import key_fingerprint
from certwright.x509.names import NameKind, ServerName, canonical_address
from certwright.x509.pem import read_pem_certificates
from certwright.x509.profile import Profile
from certwright.x509.text import listed, printable

_IDENTIFIER = re.compile(r"[0-9a-f]{1,40}")


@dataclass(frozen=True)
class ByHandRequest:
    """One request; once there is an answer, either `answer` or `refusal` is there too."""

    id: str
    authority: str
    wanted: CertificateRequest
    created_at: datetime
    answer: tuple[Certificate, ...] = ()
    refusal: str = ""
    answered_at: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has answered yet."""
        return self.answered_at is None

    @property
    def signing_request_pem(self) -> str:
        """What to send to whoever signs (PKCS#10 in PEM)."""
        request = x509.load_der_x509_csr(self.wanted.signing_request)
        return request.public_bytes(Encoding.PEM).decode("ascii")

    @property
    def title(self) -> str:
        """What a sentence calls it: "1f0c9a72e4 for todd.corp.example"."""
        return f"{self.id} for {listed(tuple(name.display for name in self.wanted.names))}"


def keep_request(
    connection: Connection,
    identifier: str,
    authority: str,
    wanted: CertificateRequest,
    now: datetime,
) -> ByHandRequest:
    """The request `identifier`, kept now if it was not yet."""
    connection.execute(
        insert(by_hand_requests)
        .values(
            id=identifier,
            authority=authority,
            names=[name.value for name in wanted.names],
            key_fingerprint=key_fingerprint(wanted.public_key),
            signing_request=wanted.signing_request,
            lifetime=wanted.lifetime,
            actor=wanted.actor,
            profile=wanted.profile.value,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    return get_request(connection, identifier)


def get_request(connection: Connection, identifier: str) -> ByHandRequest:
    """The request called `identifier`; raises NOT_FOUND."""
    row = None
    if _IDENTIFIER.fullmatch(identifier):
        row = connection.execute(
            select(by_hand_requests).where(by_hand_requests.c.id == identifier)
        ).one_or_none()
    if row is None:
        raise CertwrightError(
            ErrorCode.NOT_FOUND,
            f"There is no request {printable(identifier, 40)!r}.",
            "certwright authorities requests lists those that wait for an answer.",
        )
    return _request(row)


def waiting_requests(
    connection: Connection, authority: str | None = None
) -> tuple[ByHandRequest, ...]:
    """Those that nobody has answered yet, of one authority or of all, the oldest first."""
    query = select(by_hand_requests).where(by_hand_requests.c.answered_at.is_(None))
    if authority is not None:
        query = query.where(by_hand_requests.c.authority == authority)
    rows = connection.execute(query.order_by(by_hand_requests.c.created_at, by_hand_requests.c.id))
    return tuple(map(_request, rows))


def closed_requests(
    connection: Connection, authority: str, keys: Collection[str]
) -> tuple[ByHandRequest, ...]:
    """Those with one of these keys that were answered or refused, the last of them last."""
    rows = connection.execute(
        select(by_hand_requests)
        .where(
            by_hand_requests.c.authority == authority,
            by_hand_requests.c.key_fingerprint.in_(keys),
            by_hand_requests.c.answered_at.is_not(None),
        )
        .order_by(by_hand_requests.c.answered_at, by_hand_requests.c.id)
    )
    return tuple(map(_request, rows))


def record_answer(
    connection: Connection, identifier: str, certificates: Sequence[Certificate], now: datetime
) -> None:
    """Keep the certificates that were brought; raises CHANGED_MEANWHILE if answered already."""
    _close(connection, identifier, now, answer="".join(one.pem for one in certificates))


def record_refusal(connection: Connection, identifier: str, words: str, now: datetime) -> None:
    """Keep why there will be none; raises CHANGED_MEANWHILE if answered already."""
    _close(connection, identifier, now, refusal=words)


def withdraw_request(connection: Connection, identifier: str) -> None:
    """Forget a request that still waits; nothing happens to one that was answered."""
    connection.execute(
        delete(by_hand_requests).where(
            by_hand_requests.c.id == identifier, by_hand_requests.c.answered_at.is_(None)
        )
    )


def forget_answered(connection: Connection, authority: str) -> None:
    """Forget the requests of an authority that were answered: it is about to go itself."""
    connection.execute(
        delete(by_hand_requests).where(
            by_hand_requests.c.authority == authority,
            by_hand_requests.c.answered_at.is_not(None),
        )
    )


def _close(connection: Connection, identifier: str, now: datetime, **values: str) -> None:
    closed = connection.execute(
        update(by_hand_requests)
        .where(by_hand_requests.c.id == identifier, by_hand_requests.c.answered_at.is_(None))
        .values(answered_at=now, **values)
    )
    if closed.rowcount == 0:
        raise CertwrightError(
            ErrorCode.CHANGED_MEANWHILE,
            f"The request {identifier} is answered already.",
            "certwright authorities requests lists those that wait.",
        )


def _request(row: Row[Any]) -> ByHandRequest:
    lifetime: timedelta = row.lifetime
    names = tuple(map(_name, row.names))
    return ByHandRequest(
        id=row.id,
        authority=row.authority,
        wanted=CertificateRequest(
            *(names, row.signing_request, lifetime, row.actor), profile=Profile(row.profile)
        ),
        created_at=row.created_at,
        answer=read_pem_certificates((row.answer or "").encode()),
        refusal=row.refusal or "",
        answered_at=row.answered_at,
    )


def _name(value: str) -> ServerName:
    return ServerName(NameKind.IP if canonical_address(value) else NameKind.DNS, value)
