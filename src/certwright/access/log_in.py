"""Log-in by name and password."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine, select, update

from certwright.access.attempts import (
    Counted,
    LockedOut,
    count_attempt,
    remember_success,
    take_back,
)
from certwright.access.passwords import NOBODYS_HASH, needs_rehash, rehash, verify
from certwright.access.rights import Right
from certwright.access.sessions import NewSession, begin_session
from certwright.access.users import canonical_user_name
from certwright.database.access_tables import users
from certwright.errors import CertwrightError, ErrorCode


def log_in(
    database: Engine,
    name: str,
    password: str,
    address: str,
    now: datetime,
    entropy: Callable[[int], bytes],
) -> NewSession:
    """A new session for the user `name`, if `password` is hers.

    `address` is the client's IP address, `entropy` gives n random bytes.
    Raises `CertwrightError` NOT_AUTHENTICATED (which of the two is wrong is not told),
    LOCKED_OUT after too many failures, BUSY when too many log in at this moment.
    """
    canonical = canonical_user_name(name)
    with database.begin() as connection:
        attempt = count_attempt(connection, canonical or name, address, now)
        password_hash = None
        if canonical is not None and isinstance(attempt, Counted):
            password_hash = connection.execute(
                select(users.c.password_hash).where(users.c.name == canonical)
            ).scalar_one_or_none()
    if isinstance(attempt, LockedOut):
        raise _locked_out(attempt.until)
    # No connection is held while a password is hashed, which takes long and may have to wait.
    try:
        right_password = verify(password_hash or NOBODYS_HASH, password)
        better_hash = (
            rehash(password)
            if right_password and password_hash and needs_rehash(password_hash)
            else None
        )
    except CertwrightError:
        with database.begin() as connection:
            take_back(connection, attempt)
        raise
    if not right_password or canonical is None or password_hash is None:
        raise _not_authenticated()
    with database.begin() as connection:
        right = connection.execute(
            select(users.c.right)
            .where(users.c.name == canonical, users.c.password_hash == password_hash)
            .with_for_update()
        ).scalar_one_or_none()
        if right is None:  # removed, or given another password, meanwhile
            raise _not_authenticated()
        if better_hash is not None:
            connection.execute(
                update(users).where(users.c.name == canonical).values(password_hash=better_hash)
            )
        remember_success(connection, attempt, now)
        return begin_session(connection, canonical, Right(right), now, entropy)


def _not_authenticated() -> CertwrightError:
    return CertwrightError(
        ErrorCode.NOT_AUTHENTICATED,
        "The user name or the password is wrong.",
        "Try again; another user with the right admin can give you a new password.",
    )


def _locked_out(until: datetime) -> CertwrightError:
    return CertwrightError(
        ErrorCode.LOCKED_OUT,
        f"Too many log-ins failed; the next one is possible after {until:%H:%M:%S} UTC.",
        "Wait until then. On the machine itself the command certwright works without a log-in.",
    )
