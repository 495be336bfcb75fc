"""Everything that a list shows stands in its address."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.designer.manager_address import PAGE_SIZE, list_address, read_query
from certwright.errors import CertwrightError, ErrorCode
from certwright.stores.listing_query import ListingQuery, Sort, Status
from certwright.stores.place import LOCAL, PERSONAL, Location, Place, StoreName

DAYS = st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
)
PLACES = st.none() | st.builds(
    Place, st.just(LOCAL), st.sampled_from(Location), st.sampled_from(StoreName)
)


def parameters(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


@given(
    st.builds(
        ListingQuery,
        place=PLACES,
        sort=st.sampled_from(Sort),
        descending=st.booleans(),
        search=st.text(max_size=100).map(str.strip),
        status=st.none() | st.sampled_from(Status),
        has_private_key=st.none() | st.booleans(),
        archived=st.none() | st.booleans(),
        expires_from=DAYS,
        expires_before=DAYS,
        after=st.sampled_from(["", "WyJhIiwxLDFd"]),
        before=st.just(""),
        size=st.just(PAGE_SIZE),
    )
)
def test_address_opens_the_same_list_again(query: ListingQuery) -> None:
    assert read_query(parameters(list_address(query))) == query


def test_bare_address_is_personal_and_what_is_usual_is_not_said() -> None:
    query = read_query({})
    assert query == ListingQuery(place=PERSONAL, size=PAGE_SIZE)
    assert list_address(query) == "/certificates?location=LocalMachine&store=My"


def test_fields_of_a_form_that_were_left_empty_do_not_count() -> None:
    assert read_query({"search": " ", "status": "", "sort": ""}) == read_query({})


def test_page_is_either_after_or_before() -> None:
    query = read_query({"after": "one", "before": "other"})
    assert (query.after, query.before) == ("one", "")


def test_long_search_is_cut() -> None:
    assert len(read_query({"search": "x" * 5000}).search) == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("store", "Moon"),
        ("location", "Moon"),
        ("status", "fine"),
        ("key", "maybe"),
        ("archived", "perhaps"),
        ("sort", "colour"),
        ("expires_from", "soon"),
        ("expires_before", "2026-02-30"),
        ("sort", "<script>" * 100),
    ],
)
def test_what_is_not_offered_is_refused(name: str, value: str) -> None:
    with pytest.raises(CertwrightError) as error:
        read_query({name: value})
    assert error.value.code is ErrorCode.INVALID_INPUT
    assert len(error.value.message) < 200


def test_day_is_the_whole_day() -> None:
    query = read_query({"expires_from": "2026-12-01", "expires_before": "2027-01-01"})
    assert query.expires_from == datetime(2026, 12, 1, tzinfo=UTC)
    assert query.expires_before == query.expires_from + timedelta(days=31)
