"""Pages of a store: every order, filter and search gives what a plain look at all rows gives."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from certwright.database.search_words import sort_key
from certwright.errors import CertwrightError, ErrorCode
from certwright.stores import listing
from certwright.stores.database import (
    delete_entry,
    list_certificates,
    set_entry_archived,
)
from certwright.stores.listing import page
from certwright.stores.listing_cursor import Cursor, write_cursor
from certwright.stores.listing_page import ListedCertificate
from certwright.stores.listing_query import ListingQuery, Sort, Status
from certwright.stores.place import INTERMEDIATE, PERSONAL, TRUSTED_ROOT, Place
from certwright.stores.store import StoredCertificate

from ..composed_server import VAULT, Clock
from .filled_store import NAMES, WAYS, Filled, found, go, names, read_backwards, read_forwards

PLACES = (PERSONAL, INTERMEDIATE, TRUSTED_ROOT)


KEYS: dict[Sort, Callable[[ListedCertificate], Any]] = {
    Sort.NAME: lambda entry: sort_key(entry.name),
    Sort.ISSUER: lambda entry: sort_key(entry.issuer_name),
    Sort.NOT_BEFORE: lambda entry: entry.not_before,
    Sort.NOT_AFTER: lambda entry: entry.not_after,
    Sort.ADDED: lambda entry: entry.added_at,
}


@WAYS
@pytest.mark.parametrize("place", [PERSONAL, None], ids=["one store", "all stores"])
def test_pages_there_and_back_hold_every_row_once_in_order(
    connection: Connection,
    filled: dict[str, Filled],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    place: Place | None,
    way: tuple[int, int],
) -> None:
    go(monkeypatch, way)
    for sort, descending in product(Sort, (False, True)):
        query = ListingQuery(place=place, sort=sort, descending=descending, size=2)
        entries = read_forwards(connection, query, clock())
        assert len(entries) == (7 if place else 9)
        assert len({entry.fingerprint for entry in entries}) == len(entries)
        values = [KEYS[sort](entry) for entry in entries]
        assert values == sorted(values, reverse=descending)
        assert read_backwards(connection, query, clock()) == entries


def test_rows_say_what_the_certificates_say(
    connection: Connection, filled: dict[str, Filled], clock: Clock
) -> None:
    stored = {one.certificate.fingerprint: one for one in list_certificates(connection, PLACES)}
    entries = page(connection, ListingQuery(place=None), clock()).entries
    assert len(entries) == len(stored)
    for entry in entries:
        check_row(entry, stored[entry.fingerprint])


def check_row(entry: ListedCertificate, stored: StoredCertificate) -> None:
    certificate = stored.certificate
    assert entry == ListedCertificate(
        fingerprint=certificate.fingerprint,
        thumbprint=certificate.thumbprint,
        place=stored.place,
        name=certificate.common_name,
        friendly_name=stored.friendly_name,
        issuer_name=certificate.issuer_name,
        is_self_issued=certificate.is_self_issued,
        is_authority=certificate.is_authority,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        has_private_key=stored.has_private_key,
        archived=stored.archived,
        added_at=entry.added_at,
    )


@given(cursor=st.text(max_size=300), sort=st.sampled_from(Sort))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_no_cursor_whatever_is_a_traceback(
    connection: Connection, clock: Clock, cursor: str, sort: Sort
) -> None:
    if not cursor:
        return
    with pytest.raises(CertwrightError) as error:
        page(connection, ListingQuery(sort=sort, after=cursor), clock())
    assert error.value.code is ErrorCode.INVALID_INPUT


@pytest.mark.parametrize("key", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_cursor_outside_of_all_times_is_refused(
    connection: Connection, clock: Clock, key: str
) -> None:
    cursor = write_cursor(Cursor(key, 1, 1))
    with pytest.raises(CertwrightError) as error:
        page(connection, ListingQuery(sort=Sort.ADDED, after=cursor), clock())
    assert error.value.code is ErrorCode.INVALID_INPUT


def test_statuses_divide_the_store(
    connection: Connection, filled: dict[str, Filled], clock: Clock
) -> None:
    assert found(connection, clock, status=Status.EXPIRED) == {"todd.corp.example"}
    assert found(connection, clock, status=Status.NOT_YET_VALID) == {"web01.prod.other.example"}
    soon = {"Todd-02.corp.example", "*.corp.example"}
    assert found(connection, clock, status=Status.EXPIRES_SOON) == soon
    valid = found(connection, clock, status=Status.VALID)
    assert soon < valid
    assert len(valid) == len(NAMES) - 2


def test_private_key_and_times_filter_too(
    connection: Connection, filled: dict[str, Filled], clock: Clock
) -> None:
    assert found(connection, clock, has_private_key=True) == set(NAMES[:2])
    assert len(found(connection, clock, has_private_key=False)) == len(NAMES) - 2
    VAULT.delete(connection, filled[NAMES[0]].leaf.key_fingerprint)
    assert found(connection, clock, has_private_key=True) == {NAMES[1]}
    late = {
        "expires_from": clock() + timedelta(days=90),
        "expires_before": clock() + timedelta(days=150),
    }
    assert found(connection, clock, **late) == {"zeta.example"}
    assert found(connection, clock, search="corp", has_private_key=True, **late) == set()


@WAYS
def test_archived_ones_are_shown_when_asked_for(
    connection: Connection,
    filled: dict[str, Filled],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    way: tuple[int, int],
) -> None:
    go(monkeypatch, way)
    leaf = filled["zeta.example"].leaf
    set_entry_archived(connection, leaf.fingerprint, PERSONAL, True)
    assert "zeta.example" not in found(connection, clock)
    assert found(connection, clock, archived=True) == {"zeta.example"}
    assert len(found(connection, clock, archived=None)) == len(NAMES)
    total = page(connection, ListingQuery(), clock()).total
    assert (total.number, total.is_exact) == (len(NAMES) - 1, True)


def test_totals_are_exact_while_they_are_small(
    connection: Connection,
    filled: dict[str, Filled],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert page(connection, ListingQuery(search="corp"), clock()).total.number == 3
    monkeypatch.setattr(listing, "MOST_GATHERED", 2)
    total = page(connection, ListingQuery(search="corp", size=2), clock()).total
    assert (total.number, total.is_exact) == (2, False)
    # Without a filter the store's own count tells, however many there are.
    total = page(connection, ListingQuery(), clock()).total
    assert (total.number, total.is_exact) == (len(NAMES), True)


def test_page_stays_whole_where_rows_were_deleted_meanwhile(
    connection: Connection, filled: dict[str, Filled], clock: Clock
) -> None:
    query = ListingQuery(size=2)
    shown = page(connection, query, clock())
    assert shown.next is not None
    expected = names(page(connection, replace(query, after=shown.next), clock()).entries)
    delete_entry(connection, shown.entries[-1].fingerprint, PERSONAL)
    after = page(connection, replace(query, after=shown.next), clock())
    assert names(after.entries) == expected


def test_empty_store_has_an_empty_page(connection: Connection, clock: Clock) -> None:
    shown = page(connection, ListingQuery(), clock())
    assert (shown.entries, shown.previous, shown.next) == ((), None, None)
    assert (shown.total.number, shown.total.is_exact) == (0, True)


@WAYS
def test_total_of_whole_days_of_expiry_is_exact_however_it_is_found(
    connection: Connection,
    filled: dict[str, Filled],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    way: tuple[int, int],
) -> None:
    go(monkeypatch, way)
    midnight = clock().replace(hour=0, minute=0, second=0, microsecond=0)
    period = ListingQuery(
        expires_from=midnight,
        expires_before=midnight + timedelta(days=101),
        archived=None,
        size=2,
    )
    for sort in Sort:
        query = replace(period, sort=sort)
        entries = read_forwards(connection, query, clock())
        assert len(entries) == 4
        total = page(connection, query, clock()).total
        assert (total.number, total.is_exact) == (4, True)


@WAYS
@pytest.mark.parametrize("status", list(Status))
def test_every_status_in_the_order_of_expiries(
    connection: Connection,
    filled: dict[str, Filled],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    way: tuple[int, int],
    status: Status,
) -> None:
    by_name = found(connection, clock, status=status)
    go(monkeypatch, way)
    for descending in (False, True):
        query = ListingQuery(status=status, sort=Sort.NOT_AFTER, descending=descending, size=1)
        entries = read_forwards(connection, query, clock())
        assert set(names(entries)) == by_name
        assert read_backwards(connection, query, clock()) == entries
