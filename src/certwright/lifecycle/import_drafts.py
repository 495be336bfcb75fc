"""Files that were looked at and not yet imported: kept for a short while, encrypted.

They may hold private keys, and the password is kept with them, so that nobody has to bring them
again between the preview and the import.
"""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from certwright.access.rights import Caller, Right, require
from certwright.database.tables import import_drafts
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.import_plan import IMPORT, ImportFile, refuse_too_much
from certwright.lifecycle.server import Server

_LIFETIME = timedelta(minutes=15)
_MOST_PER_OWNER = 5
_IDENTIFIER_BYTES = 16


@dataclass(frozen=True)
class Draft:
    """What was brought, and the password that came with it."""

    files: tuple[ImportFile, ...] = field(repr=False)
    password: str | None = field(repr=False)


def keep_draft(
    server: Server, files: Sequence[ImportFile], password: str | None, *, caller: Caller
) -> str:
    """Keep `files` for 15 minutes; the identifier opens them again, for `caller` only.

    Her oldest draft makes room for the sixth. Raises NOT_PERMITTED, INVALID_INPUT or TOO_LARGE.
    """
    require(caller, Right.CREATE, IMPORT)
    refuse_too_much(files)
    identifier = secrets.token_urlsafe(_IDENTIFIER_BYTES)
    content = server.vault.key.encrypt(_to_bytes(files, password), _context(identifier, caller))
    now = server.now()
    with server.database.begin() as connection:
        _forget_old(connection, now)
        newest = (
            select(import_drafts.c.id)
            .where(import_drafts.c.owner == caller.name)
            .order_by(import_drafts.c.created_at.desc(), import_drafts.c.id)
            .limit(_MOST_PER_OWNER - 1)
        )
        connection.execute(
            delete(import_drafts).where(
                import_drafts.c.owner == caller.name, import_drafts.c.id.not_in(newest)
            )
        )
        connection.execute(
            insert(import_drafts).values(
                id=identifier, owner=caller.name, encrypted=content, created_at=now
            )
        )
    return identifier


def open_draft(server: Server, identifier: str, *, caller: Caller) -> Draft:
    """What `keep_draft` kept; raises NOT_FOUND for what is gone or somebody else's."""
    require(caller, Right.CREATE, IMPORT)
    with server.database.begin() as connection:
        _forget_old(connection, server.now())
        encrypted = connection.execute(
            select(import_drafts.c.encrypted).where(
                import_drafts.c.id == identifier, import_drafts.c.owner == caller.name
            )
        ).scalar_one_or_none()
    if encrypted is None:
        raise CertwrightError(
            ErrorCode.NOT_FOUND,
            "The files are not kept any longer: nobody imported them within "
            f"{_LIFETIME // timedelta(minutes=1)} minutes.",
            "Choose the files again.",
        )
    return _from_bytes(server.vault.key.decrypt(encrypted, _context(identifier, caller)))


def forget_draft(server: Server, identifier: str, *, caller: Caller) -> None:
    """Keep it no longer; one that is gone already, or another's, is passed over in silence."""
    with server.database.begin() as connection:
        _forget_old(connection, server.now())
        connection.execute(
            delete(import_drafts).where(
                import_drafts.c.id == identifier, import_drafts.c.owner == caller.name
            )
        )


def _forget_old(connection: Connection, now: datetime) -> None:
    connection.execute(delete(import_drafts).where(import_drafts.c.created_at <= now - _LIFETIME))


def _context(identifier: str, caller: Caller) -> str:
    # Authenticated with the content: a row copied under another owner's name does not open.
    return f"import draft {identifier} of {caller.name}"


def _to_bytes(files: Sequence[ImportFile], password: str | None) -> bytes:
    content = [[one.name, base64.b64encode(one.content).decode("ascii")] for one in files]
    return json.dumps({"files": content, "password": password}).encode()


def _from_bytes(plain: bytes) -> Draft:
    document = json.loads(plain)
    files = tuple(ImportFile(name, base64.b64decode(text)) for name, text in document["files"])
    return Draft(files, document["password"])
