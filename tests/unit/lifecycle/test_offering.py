"""Of a large store only some certificates are judged, and those that matter are among them."""

from datetime import timedelta

import pytest

from certwright.access.rights import Caller
from certwright.lifecycle import offering
from certwright.lifecycle.describing import set_archived
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.offering import offered_certificates
from certwright.lifecycle.server import Server
from certwright.stores.place import PERSONAL

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority, Issued


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Offer three at most."""
    monkeypatch.setattr(offering, "MOST_OFFERED", 3)
    return 3


def bring(server: Server, issued: Issued, caller: Caller, *, key: bool = True) -> str:
    data = issued.pem if key else issued.pem_without_key
    import_certificate(server, data, None, friendly_name="", caller=caller)
    return issued.leaf.fingerprint


def names(server: Server, search: str = "", wanted: tuple[str, ...] = ()) -> list[str]:
    offer = offered_certificates(server, PERSONAL, search, wanted)
    return [one.stored.certificate.common_name for one in offer.judged]


def test_right_one_is_found_among_many(
    server: Server, company: ForeignAuthority, admin: Caller, clock: Clock, few: int
) -> None:
    right = bring(server, company.issue(["todd.corp.example"]), admin)
    for number in range(few + 2):
        later = clock() + timedelta(days=300 + number)
        with_key = number % 2 == 0
        bring(server, company.issue([f"{number}.example"], not_after=later), admin, key=with_key)
    offer = offered_certificates(server, PERSONAL)
    assert len(offer.judged) == few
    assert offer.judged[0].stored.certificate.fingerprint == right
    assert all(one.stored.has_private_key for one in offer.judged)
    assert (offer.total.number, offer.is_whole) == (few + 3, False)
    assert offer.find(right) == offer.judged[0]


def test_search_looks_at_all_of_the_store(
    server: Server, company: ForeignAuthority, admin: Caller, few: int
) -> None:
    for number in range(few + 2):
        bring(server, company.issue([f"{number}.example"]), admin)
    hidden = bring(server, company.issue(["hidden.example"]), admin, key=False)
    assert "hidden.example" not in names(server)
    assert names(server, "hidden") == ["hidden.example"]
    assert names(server, "no-such-name", (hidden,)) == []


def test_what_is_chosen_already_is_among_them(
    server: Server, company: ForeignAuthority, admin: Caller, few: int
) -> None:
    for number in range(few + 2):
        bring(server, company.issue([f"{number}.example"]), admin)
    saved = bring(server, company.issue(["saved.example"]), admin, key=False)
    assert "saved.example" in names(server, wanted=(saved, ""))
    assert len(names(server, wanted=(saved, ""))) == few


def test_archived_ones_are_not_offered(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    shelved = bring(server, company.issue(["todd.corp.example"]), admin)
    set_archived(server, shelved, True, caller=admin)
    assert names(server) == []
    assert offered_certificates(server, PERSONAL).is_whole
