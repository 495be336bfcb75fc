"""What others do in the Windows Certificate Store becomes an event, once and by name."""

from datetime import timedelta

import pytest

from certwright.lifecycle.events import Event, latest_events
from certwright.lifecycle.server import Server
from certwright.lifecycle.store_changes import Contents, contents, follow_changes
from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.engine import check
from certwright.rules.environment import Environment
from certwright.stores.place import StoreName
from certwright.stores.windows import WindowsStore
from certwright.x509.names import parse_server_name

from ...contract.store_adapters import NOW, Adapter
from ...materials.rsa_keys import rsa_key
from ..foreign_authority import ForeignAuthority

SERVICE = "S-1-5-80-1004336348-1177238915-682003330-512-8"


@pytest.fixture
def adapter(windows_store: Adapter) -> Adapter:
    return windows_store


@pytest.fixture
def mmc(windows_store_elsewhere: WindowsStore) -> WindowsStore:
    """Another program on that machine."""
    return windows_store_elsewhere


def follow(server: Server, adapter: Adapter, known: Contents, seconds: int = 10) -> Contents:
    assert isinstance(adapter.store, WindowsStore)
    return follow_changes(server, adapter.store, adapter.place(), known, seconds)


def told(server: Server) -> list[tuple[str, bool]]:
    return [(event.message, event.good) for event in reversed(changes(server))]


def changes(server: Server) -> list[Event]:
    return [event for event in latest_events(server, 100) if event.kind == "store-changed"]


def test_certificate_that_others_add_and_remove_is_an_event_each(
    server: Server, adapter: Adapter, mmc: WindowsStore
) -> None:
    place = adapter.place()
    issued = adapter.make("todd.corp.example")
    known = contents(adapter.store, place)
    mmc.add(place, issued.leaf)
    known = follow(server, adapter, known)
    known = follow(server, adapter, known, 0)
    mmc.delete(place, issued.leaf.fingerprint)
    known = follow(server, adapter, known)
    assert known == contents(adapter.store, place)
    where = "Local Machine > Personal on winserver, not through Certwright"
    assert told(server) == [
        (f"todd.corp.example came into {where}", True),
        (f"todd.corp.example was taken out of {where}", False),
    ]
    assert {event.subject for event in changes(server)} == {issued.leaf.fingerprint}
    assert {event.actor for event in changes(server)} == {"winserver"}


def test_renewal_by_another_program_is_two_events(
    server: Server, adapter: Adapter, mmc: WindowsStore
) -> None:
    place = adapter.place()
    old, new = adapter.make("todd.corp.example"), adapter.make("todd.corp.example")
    mmc.add(place, old.leaf)
    known = contents(adapter.store, place)
    mmc.add(place, new.leaf)
    mmc.delete(place, old.leaf.fingerprint)
    assert new.leaf.fingerprint in follow(server, adapter, known)
    assert [event.subject for event in reversed(changes(server))] == [
        new.leaf.fingerprint,
        old.leaf.fingerprint,
    ]


def test_what_stays_as_it_is_or_was_known_makes_no_event(server: Server, adapter: Adapter) -> None:
    place = adapter.place()
    issued = adapter.make("own.corp.example")
    known = dict(contents(adapter.store, place)) | {issued.leaf.fingerprint: "own.corp.example"}
    adapter.store.add(place, issued.leaf)
    assert follow(server, adapter, known, 0) == known
    adapter.store.set_friendly_name(place, issued.leaf.fingerprint, "another")
    assert follow(server, adapter, known, 0) == known
    assert changes(server) == []


def test_flood_is_told_of_as_a_number(server: Server, adapter: Adapter, mmc: WindowsStore) -> None:
    place = adapter.place()
    company = ForeignAuthority(NOW)
    known = contents(adapter.store, place)
    for number in range(25):
        leaf = company.issue([f"s{number}.corp.example"]).leaf
        adapter.own(leaf)
        mmc.add(place, leaf)
    known = follow(server, adapter, known)
    assert known == contents(adapter.store, place)
    (event,) = changes(server)
    assert event.message.startswith("Each of 25 certificates came into Local Machine > Personal")


def test_place_where_nothing_ever_was_can_be_followed(server: Server, adapter: Adapter) -> None:
    place = adapter.place(store=StoreName.WEB_HOSTING)
    assert isinstance(adapter.store, WindowsStore)
    known = contents(adapter.store, place)
    assert follow_changes(server, adapter.store, place, known, 0) == known


def test_service_account_without_read_is_a_finding_until_it_is_granted(adapter: Adapter) -> None:
    """From the access list in the store to the sentence that the rules say."""
    store, place = adapter.store, adapter.place()
    assert isinstance(store, WindowsStore)
    issued = adapter.make("todd.corp.example", rsa_key(6))
    store.add(place, issued.leaf, issued.key)
    number = issued.leaf.fingerprint
    demand = Requirement(
        names=(parse_server_name("todd.corp.example"),),
        environment=Environment.TEST,
        at=NOW + timedelta(days=1),
        trusted_roots=(),
        public_roots=(),
    )

    def messages() -> list[str]:
        stored = store.get(place, number)
        candidate = Candidate(
            certificate=stored.certificate,
            chain=(),
            has_private_key=stored.has_private_key,
            private_key_fingerprint=None,
            key_access=store.key_access(place, number, SERVICE),
        )
        findings = check(candidate, demand)
        return [one.message for one in findings if one.code == "private-key-unreadable"]

    (message,) = messages()
    assert message.startswith(f"The service runs as {SERVICE}, which may not read its private key")
    store.grant_key_read(place, number, SERVICE)
    assert messages() == []
