"""A page of a store, as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from certwright.stores.place import Place


@dataclass(frozen=True)
class ListedCertificate:
    """A row of a list: what is shown of a certificate without reading the certificate itself."""

    fingerprint: str
    thumbprint: str
    place: Place
    name: str
    friendly_name: str
    issuer_name: str
    is_self_issued: bool
    is_authority: bool
    not_before: datetime
    not_after: datetime
    has_private_key: bool
    archived: bool
    added_at: datetime


@dataclass(frozen=True)
class Total:
    """How many certificates a list has; at least so many where `is_exact` is not set."""

    number: int
    is_exact: bool


@dataclass(frozen=True)
class ListingPage:
    """Rows in the order asked for; `first` is the position of the first one, from 1."""

    entries: tuple[ListedCertificate, ...]
    first: int
    previous: str | None
    next: str | None
    total: Total


def listed_certificate(row: Row[Any]) -> ListedCertificate:
    """What a row of an entry beside its certificate tells."""
    return ListedCertificate(
        fingerprint=row.fingerprint,
        thumbprint=row.thumbprint,
        place=Place(row.machine, row.location, row.store),
        name=row.common_name or row.subject or row.first_name or "",
        friendly_name=row.friendly_name,
        issuer_name=row.issuer_name,
        is_self_issued=row.subject == row.issuer,
        is_authority=row.is_authority,
        not_before=row.not_before,
        not_after=row.not_after,
        has_private_key=row.has_private_key,
        archived=row.archived,
        added_at=row.added_at,
    )
