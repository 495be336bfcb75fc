"""Stores by every name that Windows and its users have for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.errors import CertwrightError, ErrorCode
from certwright.stores.place import (
    INTERMEDIATE,
    PERSONAL,
    TRUSTED_ROOT,
    Location,
    Place,
    StoreName,
    parse_place,
)


@pytest.mark.parametrize(
    ("location", "store", "place"),
    [
        ("LocalMachine", "My", PERSONAL),
        ("Local Machine", "Personal", PERSONAL),
        ("local-machine", "personal", PERSONAL),
        ("LOCALMACHINE", "ROOT", TRUSTED_ROOT),
        ("LocalMachine", "Trusted Root", TRUSTED_ROOT),
        ("LocalMachine", "CA", INTERMEDIATE),
        ("LocalMachine", "Intermediate", INTERMEDIATE),
        ("CurrentUser", "My", Place("local", "CurrentUser", "My")),
        ("Current User", "Personal", Place("local", "CurrentUser", "My")),
    ],
)
def test_spellings(location: str, store: str, place: Place) -> None:
    assert parse_place(location, store) == place


@pytest.mark.parametrize("location", list(Location))
@pytest.mark.parametrize("store", list(StoreName))
def test_what_is_shown_can_be_typed(location: Location, store: StoreName) -> None:
    place = Place("local", location, store)
    assert parse_place(location.label, store.label) == place
    assert place.title == f"{location.label} > {store.label}"


@pytest.mark.parametrize(
    ("location", "store"),
    [
        ("My", "LocalMachine"),
        ("", ""),
        ("LocalMachine", ""),
        ("LocalMachine", "Other"),
        ("x", "My"),
    ],
)
def test_any_other_name_is_refused_with_those_there_are(location: str, store: str) -> None:
    with pytest.raises(CertwrightError) as error:
        parse_place(location, store)
    assert error.value.code is ErrorCode.INVALID_INPUT
    assert "LocalMachine" in error.value.remedy


@given(st.text(), st.text())
def test_no_text_whatever_is_a_traceback(location: str, store: str) -> None:
    try:
        place = parse_place(location, store)
    except CertwrightError as error:
        assert error.message.isprintable()  # noqa: PT017 - it goes to terminals
        assert len(error.message) < 400  # noqa: PT017
    else:
        assert place.machine == "local"
