"""What a list of certificates is to show: which ones, and in which order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from certwright.stores.place import PERSONAL, Place

SOON = timedelta(days=30)
"""What expires within this time is shown by the filter for it."""


class Sort(StrEnum):
    """What a list is sorted by."""

    NAME = "name"
    ISSUER = "issuer"
    NOT_BEFORE = "not-before"
    NOT_AFTER = "not-after"
    ADDED = "added"


class Status(StrEnum):
    """Where a certificate stands between its first and its last moment."""

    VALID = "valid"
    EXPIRES_SOON = "expires-soon"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"


@dataclass(frozen=True)
class ListingQuery:
    """One page of a list; all filters that are given must hold.

    `place` None is every store. `search` is looked for at the beginnings of words in names,
    friendly name, subject and issuer, and at the beginning of serial number, thumbprint and
    fingerprint. `archived` and `has_private_key` None show both kinds. `after` and `before` are
    the cursors of another page with the same order; they exclude each other.
    """

    place: Place | None = PERSONAL
    sort: Sort = Sort.NAME
    descending: bool = False
    search: str = ""
    status: Status | None = None
    has_private_key: bool | None = None
    archived: bool | None = False
    expires_from: datetime | None = None
    expires_before: datetime | None = None
    after: str = ""
    before: str = ""
    size: int = 50

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the store and the archived ones is left out."""
        filters = (self.status, self.has_private_key, self.expires_from, self.expires_before)
        return bool(self.search.strip()) or any(one is not None for one in filters)
