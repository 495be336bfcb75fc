"""A certificate's own name, and whether it is still offered."""

import pytest

from certwright.access.rights import Caller, Right
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.describing import set_archived, set_friendly_name
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.server import Server
from certwright.stores.place import PERSONAL, Place

from ..foreign_authority import ForeignAuthority, Issued

CURRENT_USER = Place("local", "CurrentUser", "My")


@pytest.fixture
def issued(server: Server, company: ForeignAuthority, admin: Caller) -> Issued:
    made = company.issue(["todd.corp.example"])
    for place in (PERSONAL, CURRENT_USER):
        import_certificate(server, made.pem, None, friendly_name="", caller=admin, place=place)
    return made


def told(server: Server) -> tuple[str, str]:
    event = latest_events(server, 1)[0]
    return event.kind, event.message


def test_name_is_given_and_taken_away(server: Server, issued: Issued, admin: Caller) -> None:
    identifier = issued.leaf.fingerprint
    assert set_friendly_name(server, identifier, " Web ", caller=admin).friendly_name == "Web"
    name = f"todd.corp.example (thumbprint {issued.leaf.thumbprint[:8]})"
    assert told(server) == ("certificate-renamed", f"{name} is called Web now")
    assert set_friendly_name(server, identifier, "", caller=admin).friendly_name == ""
    assert told(server) == (
        "certificate-renamed",
        f"{name} has no friendly name any longer",
    )


def test_name_is_that_of_one_store(server: Server, issued: Issued, admin: Caller) -> None:
    identifier = issued.leaf.fingerprint
    named = set_friendly_name(server, identifier, "Mine", place=CURRENT_USER, caller=admin)
    assert (named.place, named.friendly_name) == (CURRENT_USER, "Mine")
    other = set_friendly_name(server, identifier, "", place=PERSONAL, caller=admin)
    assert (other.place, other.friendly_name) == (PERSONAL, "")


def test_hostile_name_is_made_harmless(server: Server, issued: Issued, admin: Caller) -> None:
    text = "a\x00\x1b[31m\u202e\ud800" + "x" * 1000
    named = set_friendly_name(server, issued.leaf.fingerprint, text, caller=admin).friendly_name
    assert named.isprintable()
    assert len(named) <= 201


def test_archived_and_offered_again(server: Server, issued: Issued, admin: Caller) -> None:
    identifier = issued.leaf.fingerprint
    assert set_archived(server, identifier, True, caller=admin).archived
    name = issued.leaf.name_on_record
    assert told(server) == ("certificate-archived", f"{name} archived")
    assert not set_archived(server, identifier, False, caller=admin).archived
    assert told(server) == ("certificate-unarchived", f"{name} is offered again")


def test_no_change_is_no_event(server: Server, issued: Issued, admin: Caller) -> None:
    before = latest_events(server, 100)
    set_archived(server, issued.leaf.fingerprint, False, caller=admin)
    set_friendly_name(server, issued.leaf.fingerprint, " ", caller=admin)
    assert latest_events(server, 100) == before


def test_right_to_modify_is_needed(server: Server, issued: Issued) -> None:
    reader, modifier = Caller("bob", Right.READ), Caller("eve", Right.MODIFY)
    identifier = issued.leaf.fingerprint
    with pytest.raises(CertwrightError) as error:
        set_friendly_name(server, identifier, "x", caller=reader)
    assert error.value.code is ErrorCode.NOT_PERMITTED
    with pytest.raises(CertwrightError) as error:
        set_archived(server, identifier, True, caller=reader)
    assert error.value.code is ErrorCode.NOT_PERMITTED
    assert set_friendly_name(server, identifier, "x", caller=modifier).friendly_name == "x"
    assert set_archived(server, identifier, True, caller=modifier).archived
