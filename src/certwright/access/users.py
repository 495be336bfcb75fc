"""The users of this node. Each change takes the caller's connection, to be recorded with it."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from certwright.access.passwords import hash_password
from certwright.access.rights import Right
from certwright.database.access_tables import sessions, users
from certwright.errors import CertwrightError, ErrorCode

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


@dataclass(frozen=True)
class User:
    """A person or program that logs in with a password."""

    name: str
    right: Right
    created_at: datetime


def canonical_user_name(text: str) -> str | None:
    """`text` as user names are kept, in lower case; None if it cannot be one."""
    name = text.strip().lower()
    return name if _NAME.fullmatch(name) else None


def add_user(connection: Connection, name: str, password: str, right: Right, now: datetime) -> User:
    """A new user.

    Raises `CertwrightError` INVALID_INPUT for a name or password that will not do, or a name
    that is taken.
    """
    canonical = canonical_user_name(name)
    if canonical is None:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "That is not a possible user name.",
            "Use up to 64 letters a-z, digits, and . _ @ - after the first.",
        )
    row = {
        "name": canonical,
        "password_hash": hash_password(password),
        "right": right.value,
        "created_at": now,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(users).values(row))
    except IntegrityError:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"There is a user {canonical} already.",
            "Choose another name, or change that user.",
        ) from None
    return User(canonical, right, now)


def list_users(connection: Connection) -> tuple[User, ...]:
    """All users, by name."""
    rows = connection.execute(
        select(users.c.name, users.c.right, users.c.created_at).order_by(users.c.name)
    )
    return tuple(User(name, Right(right), created_at) for name, right, created_at in rows)


def has_users(connection: Connection) -> bool:
    """Whether anybody can log in at all; no at the first start."""
    return connection.execute(select(users.c.name).limit(1)).first() is not None


def set_password(connection: Connection, name: str, password: str) -> str:
    """Give the user another password and end all her sessions; returns her name as kept.

    Raises `CertwrightError` NOT_FOUND, or INVALID_INPUT for a password that will not do.
    """
    changed: str | None = connection.execute(
        update(users)
        .where(users.c.name == (canonical_user_name(name) or ""))
        .values(password_hash=hash_password(password))
        .returning(users.c.name)
    ).scalar_one_or_none()
    if changed is None:
        raise _no_such_user()
    connection.execute(delete(sessions).where(sessions.c.user_name == changed))
    return changed


def set_right(connection: Connection, name: str, right: Right) -> User:
    """Give the user another right, from her next request on.

    Raises `CertwrightError` NOT_FOUND, or INVALID_INPUT if she is the last admin.
    """
    user = _locked(connection, name, keeps_admin=right is Right.ADMIN)
    connection.execute(update(users).where(users.c.name == user.name).values(right=right.value))
    return User(user.name, right, user.created_at)


def remove_user(connection: Connection, name: str) -> User:
    """Remove the user and end her sessions.

    Raises `CertwrightError` NOT_FOUND, or INVALID_INPUT if she is the last admin.
    """
    user = _locked(connection, name, keeps_admin=False)
    connection.execute(delete(users).where(users.c.name == user.name))
    return user


def _locked(connection: Connection, name: str, *, keeps_admin: bool) -> User:
    # All admins are locked in one order, so two of them cannot remove each other at once.
    wanted = canonical_user_name(name) or ""
    rows = connection.execute(
        select(users.c.name, users.c.right, users.c.created_at)
        .where((users.c.right == Right.ADMIN.value) | (users.c.name == wanted))
        .order_by(users.c.name)
        .with_for_update()
    ).all()
    found = {row.name: User(row.name, Right(row.right), row.created_at) for row in rows}
    if wanted not in found:
        raise _no_such_user()
    admins = {user.name for user in found.values() if user.right is Right.ADMIN}
    if admins == {wanted} and not keeps_admin:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"{wanted} is the last user with the right admin.",
            "Give another user the right admin first.",
        )
    return found[wanted]


def _no_such_user() -> CertwrightError:
    return CertwrightError(
        ErrorCode.NOT_FOUND, "There is no such user.", "List them: certwright users list."
    )
