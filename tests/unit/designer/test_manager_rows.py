"""What a row and the line above the table say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from certwright.designer.manager_rows import archived_beside, position_text, rows
from certwright.services.endpoints import (
    Choice,
    Endpoint,
    OwnEndpoint,
    WebServerProtocol,
)
from certwright.stores.listing_page import ListedCertificate, ListingPage, Total
from certwright.stores.listing_query import ListingQuery
from certwright.stores.place import INTERMEDIATE, PERSONAL

NOW = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)
ENTRY = ListedCertificate(
    fingerprint="ab" * 32,
    thumbprint="cd" * 20,
    place=PERSONAL,
    name="todd.corp.example",
    friendly_name="",
    issuer_name="Corp Issuing CA",
    is_self_issued=False,
    is_authority=False,
    not_before=NOW - timedelta(days=10),
    not_after=NOW + timedelta(days=100),
    has_private_key=True,
    archived=False,
    added_at=NOW,
)


def page_of(
    *entries: ListedCertificate, first: int = 1, total: int = 1, is_exact: bool = True
) -> ListingPage:
    return ListingPage(entries, first, None, None, Total(total, is_exact))


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        (-10, 100, ("good", "Valid")),
        (-10, 20, ("attention", "Expires soon")),
        (-10, -1, ("broken", "Expired")),
        (1, 100, ("attention", "Not yet valid")),
    ],
)
def test_state_is_told_in_colour_and_word(before: int, after: int, state: tuple[str, str]) -> None:
    entry = replace(
        ENTRY, not_before=NOW + timedelta(days=before), not_after=NOW + timedelta(days=after)
    )
    (row,) = rows(page_of(entry), (), NOW)
    assert (row.health, row.state) == state


def test_row_leads_to_the_entry_in_its_store() -> None:
    one, other = rows(page_of(ENTRY, replace(ENTRY, place=INTERMEDIATE)), (), NOW)
    assert one.address == f"/certificates/{'ab' * 32}?location=LocalMachine&store=My"
    assert other.delete_address.endswith("/delete?location=LocalMachine&store=CA")


def test_long_name_is_cut_and_whole_at_hand() -> None:
    (row,) = rows(page_of(replace(ENTRY, name="x" * 300)), (), NOW)
    assert row.name == "x" * 120 + "…"
    assert row.whole_name == "x" * 300
    (short,) = rows(page_of(ENTRY), (), NOW)
    assert short.whole_name is None


def test_certificate_without_a_name_has_a_link_all_the_same() -> None:
    assert rows(page_of(replace(ENTRY, name="")), (), NOW)[0].name == "(no name)"


def test_a_list_says_how_many_of_its_store_are_archived() -> None:
    page, query = page_of(total=9), ListingQuery()
    assert archived_beside(page, query, 17) == 8
    assert archived_beside(page, query, 9) == 0
    assert archived_beside(page, replace(query, search="todd"), 17) == 0
    assert archived_beside(page, replace(query, archived=None), 17) == 0
    assert archived_beside(page, replace(query, archived=True), 17) == 0
    shown = page_of(*[ENTRY] * 9, total=9)
    assert position_text(shown, 8) == "1-9 of 9, and 8 archived"


def test_position() -> None:
    hundred = (ENTRY,) * 100
    assert position_text(page_of(*hundred, first=201, total=98_211)) == "201-300 of 98,211"
    at_least = page_of(*hundred, first=1, total=10_000, is_exact=False)
    assert position_text(at_least) == "1-100 of more than 10,000"
    assert position_text(page_of(total=0)) == "No certificates"
    # Others deleted some since the first page was counted.
    assert position_text(page_of(*hundred, first=201, total=250)) == "201-300 of 300"


def test_row_names_the_endpoints_that_use_it() -> None:
    other = "ef" * 32
    endpoints = [
        Endpoint(name, choice, choice, None, 1)
        for name, choice in (
            (OwnEndpoint.WEB_SERVER, Choice(WebServerProtocol.HTTPS, ENTRY.fingerprint)),
            (OwnEndpoint.CONFIGURATION_SERVER, Choice(WebServerProtocol.HTTPS, other)),
        )
    ]
    (row,) = rows(page_of(ENTRY), endpoints, NOW)
    assert row.endpoints == (OwnEndpoint.WEB_SERVER,)
