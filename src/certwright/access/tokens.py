"""API tokens: how programs on other machines show who they are."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from certwright.access.bearer_secrets import hash_of_secret, new_secret
from certwright.access.rights import Caller, Right
from certwright.database.access_tables import api_tokens
from certwright.errors import CertwrightError, ErrorCode

PREFIX = "cwt_"
"""Lets people and scanners for leaked secrets see what it is."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(frozen=True)
class Token:
    """An API token as it is kept: without the token itself."""

    name: str
    right: Right
    created_at: datetime


def create_token(
    connection: Connection,
    name: str,
    right: Right,
    now: datetime,
    entropy: Callable[[int], bytes],
) -> str:
    """A new token, to be handed out now and never again.

    Raises `CertwrightError` INVALID_INPUT for a name that will not do or is taken.
    """
    if not _NAME.fullmatch(name):
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "That is not a possible token name.",
            "Use up to 64 letters, digits, and . _ @ - after the first.",
        )
    token = new_secret(entropy, PREFIX)
    row = {
        "name": name,
        "token_hash": hash_of_secret(token),
        "right": right.value,
        "created_at": now,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(api_tokens).values(row))
    except IntegrityError:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"There is a token {name} already.",
            "Choose another name, or remove that token first.",
        ) from None
    return token


def find_token(database: Engine, token: str) -> Caller | None:
    """Who shows `token`, or None if it is not, or no longer, known."""
    with database.connect() as connection:
        row = connection.execute(
            select(api_tokens.c.name, api_tokens.c.right).where(
                api_tokens.c.token_hash == hash_of_secret(token)
            )
        ).one_or_none()
    return None if row is None else Caller(f"token {row.name}", Right(row.right))


def list_tokens(connection: Connection) -> tuple[Token, ...]:
    """All tokens, by name."""
    rows = connection.execute(
        select(api_tokens.c.name, api_tokens.c.right, api_tokens.c.created_at).order_by(
            api_tokens.c.name
        )
    )
    return tuple(Token(name, Right(right), created_at) for name, right, created_at in rows)


def remove_token(connection: Connection, name: str) -> None:
    """Remove the token, at once; raises `CertwrightError` NOT_FOUND."""
    removed = 0
    if _NAME.fullmatch(name):
        removed = connection.execute(delete(api_tokens).where(api_tokens.c.name == name)).rowcount
    if not removed:
        raise CertwrightError(
            ErrorCode.NOT_FOUND, "There is no such token.", "List them: certwright tokens list."
        )
