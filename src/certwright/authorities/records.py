"""The authorities on record: what each is called, its kind, its settings and its secrets."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from psycopg.errors import ForeignKeyViolation
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from certwright.database.encryption import KeyEncryptionKey
from certwright.database.tables import authorities
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.text import printable

INTERNAL = "internal"
"""The name of our own authority, which is always there, and which issues unless told otherwise."""
_NAME = re.compile(r"[a-z0-9-]{1,40}")
_REFERENCES = {
    "by_hand_requests": "a request waits for its answer",
    "endpoints_of_nodes": "an endpoint gets its certificates from it",
    "issuances": "it is on record as the issuer of certificates",
}
"""What keeps an authority, by the table that refers to it."""


class AuthorityKind(StrEnum):
    """The kinds of authorities there are."""

    INTERNAL = "internal"
    ACME = "acme"
    BY_HAND = "by-hand"
    COMMAND = "command"
    SELF_SIGNED = "self-signed"


@dataclass(frozen=True)
class AuthorityRecord:
    """An authority: `settings` and `secrets` are JSON whose meaning its kind knows."""

    name: str
    kind: AuthorityKind
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    secrets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True)
class AuthorityRecords:
    """Adds, changes and gets records; their secrets are encrypted on the way in."""

    key: KeyEncryptionKey

    def add(self, connection: Connection, record: AuthorityRecord, now: datetime) -> None:
        """Keep a new one; raises INVALID_INPUT for a name that is no name, or taken."""
        _refuse_name(record.name)
        try:
            with connection.begin_nested():
                connection.execute(
                    insert(authorities).values(
                        name=record.name, created_at=now, **self._values(record)
                    )
                )
        except IntegrityError:
            raise CertwrightError(
                ErrorCode.INVALID_INPUT,
                f"There is an authority {record.name} already.",
                "Choose another name, or remove that one first.",
            ) from None

    def list(self, connection: Connection) -> tuple[AuthorityRecord, ...]:
        """All of them by name, our own first."""
        rows = connection.execute(
            select(authorities).order_by(authorities.c.name != INTERNAL, authorities.c.name)
        )
        return tuple(map(self._record, rows))

    def get(self, connection: Connection, name: str) -> AuthorityRecord:
        """The one called `name`; raises NOT_FOUND."""
        row = None
        if _NAME.fullmatch(name):  # others, with a NUL in them, the database would not even take
            row = connection.execute(
                select(authorities).where(authorities.c.name == name)
            ).one_or_none()
        if row is None:
            raise _not_found(name)
        return self._record(row)

    def change(self, connection: Connection, record: AuthorityRecord) -> None:
        """Keep other settings and secrets for the one of that name; raises NOT_FOUND."""
        changed = connection.execute(
            update(authorities)
            .where(authorities.c.name == record.name, authorities.c.kind == record.kind.value)
            .values(**self._values(record))
        )
        if changed.rowcount == 0:
            raise _not_found(record.name)

    def remove(self, connection: Connection, name: str) -> None:
        """Forget it; raises NOT_FOUND, or CERTIFICATE_IN_USE where anything refers to it."""
        try:
            with connection.begin_nested():
                gone = connection.execute(delete(authorities).where(authorities.c.name == name))
        except IntegrityError as error:
            raise _in_use(name, error) from None
        if gone.rowcount == 0:
            raise _not_found(name)

    def _values(self, record: AuthorityRecord) -> dict[str, Any]:
        return {
            "kind": record.kind.value,
            "settings": dict(record.settings),
            "encrypted_secrets": self._encrypted(record),
        }

    def _encrypted(self, record: AuthorityRecord) -> bytes | None:
        if not record.secrets:
            return None
        plain = json.dumps(dict(record.secrets)).encode()
        return self.key.encrypt(plain, _context(record.name))

    def _record(self, row: Row[Any]) -> AuthorityRecord:
        secrets = {}
        if row.encrypted_secrets is not None:
            secrets = json.loads(self.key.decrypt(row.encrypted_secrets, _context(row.name)))
        return AuthorityRecord(
            row.name,
            AuthorityKind(row.kind),
            MappingProxyType(row.settings),
            MappingProxyType(secrets),
        )


def parse_kind(text: str) -> AuthorityKind:
    """The kind called `text`; raises INVALID_INPUT for any other word."""
    try:
        return AuthorityKind(text)
    except ValueError:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"There is no kind of authority {printable(text, 40)!r}.",
            f"Choose one of: {', '.join(AuthorityKind)}.",
        ) from None


def _context(name: str) -> str:
    # Authenticated with the secrets: a row copied under another authority's name does not open.
    return f"secrets of the authority {name}"


def _refuse_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"{printable(name, 40)!r} is no name for an authority.",
            "Use 1 to 40 small letters, digits and hyphens, such as corp-ca.",
        )


def _not_found(name: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.NOT_FOUND,
        f"There is no authority {printable(name, 40)!r}.",
        "certwright authorities list shows those that there are.",
    )


def _in_use(name: str, error: IntegrityError) -> CertwrightError:
    table = ""
    if isinstance(error.orig, ForeignKeyViolation):
        table = error.orig.diag.table_name or ""
    why = _REFERENCES.get(table, f"it is still referred to by {table.replace('_', ' ')}")
    return CertwrightError(
        ErrorCode.CERTIFICATE_IN_USE,
        f"The authority {name} is not removed: {why}.",
        "Let another authority do its work first; what is on record stays on record.",
    )
