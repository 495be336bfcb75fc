"""From the name of an authority to the one that issues."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from certwright.authorities.authority import Authority
from certwright.authorities.records import (
    INTERNAL,
    AuthorityKind,
    AuthorityRecord,
    AuthorityRecords,
)
from certwright.database.engine import reading
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.text import printable


@dataclass(frozen=True)
class Authorities:
    """All authorities of a node; `makers` has for each kind how a record becomes one."""

    database: Engine
    records: AuthorityRecords
    makers: Mapping[AuthorityKind, Callable[[AuthorityRecord], Authority]]

    def get(self, name: str = INTERNAL) -> Authority:
        """The authority called `name`; raises NOT_FOUND."""
        with reading(self.database) as connection:
            record = self.records.get(connection, name)
        return self.make(record)

    def list(self) -> tuple[AuthorityRecord, ...]:
        """What is on record, our own first."""
        with reading(self.database) as connection:
            return self.records.list(connection)

    def make(self, record: AuthorityRecord) -> Authority:
        """The authority that `record` describes; raises INVALID_INPUT for wrong settings."""
        maker = self.makers.get(record.kind)
        if maker is None:
            raise CertwrightError(
                ErrorCode.NOT_AVAILABLE_YET,
                f"Authorities of the kind {record.kind} are not available yet.",
                f"There are: {', '.join(self.makers)}.",
            )
        return maker(record)


def without_settings(record: AuthorityRecord) -> AuthorityRecord:
    """`record`, of a kind that can be told nothing; raises INVALID_INPUT if it was."""
    _refuse_any(record, record.settings)
    return without_secrets(record)


def without_secrets(record: AuthorityRecord) -> AuthorityRecord:
    """`record`, of a kind that has no secrets; raises INVALID_INPUT if it was told any."""
    _refuse_any(record, record.secrets)
    return record


def _refuse_any(record: AuthorityRecord, told: Mapping[str, object]) -> None:
    for name in sorted(told):
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"An authority of the kind {record.kind} has no setting {printable(name, 40)!r}.",
            "Leave it out.",
        )
