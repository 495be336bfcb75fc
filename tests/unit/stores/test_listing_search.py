"""Searching a store: by the beginnings of words, and by numbers however they are written."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from certwright.database.search_words import sort_key
from certwright.stores.database import (
    set_entry_friendly_name,
)
from certwright.stores.listing_query import ListingQuery
from certwright.stores.place import PERSONAL, TRUSTED_ROOT

from ..composed_server import Clock
from .filled_store import NAMES, WAYS, Filled, found, go, names, read_forwards

SEARCHES: tuple[tuple[str, set[str]], ...] = (
    ("todd", {"todd.corp.example", "Todd-02.corp.example"}),
    ("TODD.corp", {"todd.corp.example"}),
    ("corp.example", {"todd.corp.example", "Todd-02.corp.example", "*.corp.example"}),
    ("*.corp", {"*.corp.example"}),
    ("02", {"Todd-02.corp.example"}),
    ("01.prod", {"web01.prod.other.example"}),
    ("web01", {"web01.prod.other.example"}),
    ("other mail", {"mail.other.example"}),
    ("number 4", {"zeta.example"}),
    ("odd.corp", set()),
    ("nothing", set()),
    (".", set()),
    ("'", set()),
    ("\\", set()),
    ("' & '", set()),
    ("todd:* | zeta", set()),
    ("todd \0", {"todd.corp.example", "Todd-02.corp.example"}),
)


@WAYS
def test_search_finds_the_beginnings_of_words(
    connection: Connection,
    filled: dict[str, Filled],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    way: tuple[int, int],
) -> None:
    go(monkeypatch, way)
    for search, expected in SEARCHES:
        for size, descending in ((1, False), (1, True), (50, False)):
            query = ListingQuery(search=search, size=size, descending=descending)
            entries = names(read_forwards(connection, query, clock()))
            assert entries == sorted(expected, key=sort_key, reverse=descending), search


def test_issuer_and_subject_are_searched(
    connection: Connection, filled: dict[str, Filled], clock: Clock
) -> None:
    assert len(found(connection, clock, search="company issuing")) == len(NAMES)
    assert found(connection, clock, search="company root", place=TRUSTED_ROOT) == {"Company Root"}


def test_numbers_are_found_however_they_are_written(
    connection: Connection, filled: dict[str, Filled], clock: Clock
) -> None:
    leaf = filled["zeta.example"].leaf

    def in_pairs(digits: str, separator: str) -> str:
        whole = digits.zfill(len(digits) + len(digits) % 2)
        pairs = (whole[at : at + 2] for at in range(0, len(whole), 2))
        return separator.join(pairs)

    for search in (
        leaf.thumbprint,
        leaf.thumbprint[:12].upper(),
        in_pairs(leaf.thumbprint, " "),
        "\u200e" + in_pairs(leaf.thumbprint, " "),
        in_pairs(leaf.fingerprint.upper(), ":"),
        leaf.fingerprint[:20],
        leaf.serial,
        in_pairs(leaf.serial.upper(), ":"),
    ):
        assert found(connection, clock, search=search) == {"zeta.example"}, search


@given(search=st.text(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_no_search_whatever_is_a_traceback(
    connection: Connection, filled: dict[str, Filled], clock: Clock, search: str
) -> None:
    found(connection, clock, search=search)


def test_new_friendly_name_is_found_and_the_former_is_not(
    connection: Connection, filled: dict[str, Filled], clock: Clock
) -> None:
    leaf = filled["zeta.example"].leaf
    set_entry_friendly_name(connection, leaf.fingerprint, PERSONAL, "Kitchen printer")
    assert found(connection, clock, search="kitch print") == {"zeta.example"}
    assert found(connection, clock, search="number 4") == set()
    assert "zeta.example" in found(connection, clock, search="zeta")
