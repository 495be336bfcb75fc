"""Sessions of the Designer: a random token in a cookie, its hash and its ends in the database."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, update

from certwright.access.bearer_secrets import hash_of_secret, new_secret
from certwright.access.rights import Caller, Right
from certwright.database.access_tables import sessions, users
from certwright.database.engine import reading

IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)

_SEEN_EVERY = timedelta(seconds=30)
"""A page loads several things at once; the database need not write for each."""


@dataclass(frozen=True)
class Session:
    """Somebody who is logged in.

    `form_token` goes into every form and must come back with it (see `is_form_token`).
    """

    user: str
    right: Right
    form_token: str = field(repr=False)
    created_at: datetime
    expires_at: datetime

    @property
    def caller(self) -> Caller:
        """The user with the right she has now."""
        return Caller(self.user, self.right)


@dataclass(frozen=True)
class NewSession:
    """A session just begun, and the token for the cookie, which is nowhere else."""

    token: str = field(repr=False)
    session: Session


def begin_session(
    connection: Connection,
    user: str,
    right: Right,
    now: datetime,
    entropy: Callable[[int], bytes],
) -> NewSession:
    """A session with a token of its own, never one that the browser brought along."""
    connection.execute(delete(sessions).where(_ended(now)))
    token = new_secret(entropy)
    session = Session(user, right, new_secret(entropy), now, now + ABSOLUTE_LIMIT)
    connection.execute(
        insert(sessions).values(
            token_hash=hash_of_secret(token),
            user_name=user,
            form_token=session.form_token,
            created_at=now,
            last_seen_at=now,
            expires_at=session.expires_at,
        )
    )
    return NewSession(token, session)


def find_session(database: Engine, token: str, now: datetime) -> Session | None:
    """The session of a cookie's `token`, which counts as seen at `now`; None if it has ended."""
    token_hash = hash_of_secret(token)
    with reading(database) as connection:
        row = connection.execute(
            select(sessions, users.c.right)
            .join(users, users.c.name == sessions.c.user_name)
            .where(sessions.c.token_hash == token_hash, ~_ended(now))
        ).one_or_none()
    if row is None:
        return None
    if now - row.last_seen_at >= _SEEN_EVERY:
        with database.begin() as connection:
            connection.execute(
                update(sessions).where(sessions.c.token_hash == token_hash).values(last_seen_at=now)
            )
    return Session(row.user_name, Right(row.right), row.form_token, row.created_at, row.expires_at)


def end_session(database: Engine, token: str) -> None:
    """Log out; a token that is not known is as good as logged out."""
    with database.begin() as connection:
        connection.execute(delete(sessions).where(sessions.c.token_hash == hash_of_secret(token)))


def is_form_token(session: Session, submitted: str) -> bool:
    """Whether a form came from a page of this very session, compared in constant time."""
    return hmac.compare_digest(
        session.form_token.encode(), submitted.encode("utf-8", "surrogatepass")
    )


def _ended(now: datetime) -> ColumnElement[bool]:
    return (sessions.c.expires_at <= now) | (sessions.c.last_seen_at <= now - IDLE_LIMIT)
