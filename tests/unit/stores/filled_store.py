"""Certificates of several names and times to fill a store with, and looks at it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from sqlalchemy import Connection

from certwright.stores import listing
from certwright.stores.listing import page
from certwright.stores.listing_page import ListedCertificate
from certwright.stores.listing_query import ListingQuery
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority

NAMES = (
    "todd.corp.example",
    "Todd-02.corp.example",
    "*.corp.example",
    "Äpfel & Birnen",
    "zeta.example",
    "mail.other.example",
    "web01.prod.other.example",
)


@dataclass(frozen=True)
class Filled:
    """A certificate in the store, and its private key."""

    leaf: Certificate
    key: PrivateKey


def make(
    name: str,
    key: PrivateKey,
    issuer: ForeignAuthority,
    not_before: datetime,
    not_after: datetime,
) -> Certificate:
    """A certificate with any name at all; who signed it does not matter here."""
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer.intermediate.cryptography.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )
    if " " not in name:
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        builder = builder.add_extension(names, critical=False)
    return Certificate.from_cryptography(builder.sign(key, SHA256()))


# How much is little enough to be gathered, and how many rows a glance takes in.
WAYS = pytest.mark.parametrize(
    "way", [(10_000, 5_000), (2, 5_000), (2, 2), (1, 1)], ids=["gather", "glance", "mixed", "walk"]
)


def go(monkeypatch: pytest.MonkeyPatch, way: tuple[int, int]) -> None:
    """Let pages of a small store be found as those of a huge one are."""
    for name, value in zip(("MOST_GATHERED", "_GLANCED"), way, strict=True):
        monkeypatch.setattr(listing, name, value)


def names(entries: Sequence[ListedCertificate]) -> list[str]:
    """What the entries are called."""
    return [entry.name for entry in entries]


def found(connection: Connection, clock: Clock, **filters: Any) -> set[str]:
    """The names of what the filters leave."""
    query = ListingQuery(**filters)
    return set(names(page(connection, query, clock()).entries))


def read_forwards(
    connection: Connection, query: ListingQuery, now: datetime
) -> list[ListedCertificate]:
    entries: list[ListedCertificate] = []
    while True:
        shown = page(connection, query, now)
        assert shown.first == len(entries) + 1
        entries += shown.entries
        if shown.next is None:
            return entries
        query = replace(query, after=shown.next)


def read_backwards(
    connection: Connection, query: ListingQuery, now: datetime
) -> list[ListedCertificate]:
    shown = page(connection, query, now)
    while shown.next is not None:
        shown = page(connection, replace(query, after=shown.next), now)
    entries = list(shown.entries)
    while shown.previous is not None:
        first = shown.first
        shown = page(connection, replace(query, before=shown.previous), now)
        assert shown.first == first - len(shown.entries)
        entries = [*shown.entries, *entries]
    assert shown.first == 1
    return entries
