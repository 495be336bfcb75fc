"""What the Windows Certificate Store does beyond every store: who reads a key, and what changed.

On wine, or on a Windows machine (docs/windows.md).
"""

import sys
from dataclasses import replace
from threading import Timer
from time import monotonic

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.machine import tasks
from certwright.machine.failures import FailureCode, MachineError
from certwright.stores.place import Location, StoreName
from certwright.stores.store import KeyReader, StoreChanges
from certwright.stores.task_runner import ProcessRunner
from certwright.stores.windows import WindowsStore
from certwright.x509.keys import private_key_to_der

from ...contract.store_adapters import Adapter
from ...materials.rsa_keys import rsa_key
from ...windows.machine import WindowsMachine
from ..foreign_authority import Issued

NETWORK_SERVICE = "S-1-5-20"
SERVICE = "S-1-5-80-1004336348-1177238915-682003330-512-7"
"""A service's account that this machine does not know by name, as after its removal."""


@pytest.fixture
def adapter(windows_store: Adapter) -> Adapter:
    return windows_store


@pytest.fixture
def store(adapter: Adapter) -> WindowsStore:
    assert isinstance(adapter.store, WindowsStore)
    return adapter.store


@pytest.fixture
def other_process(windows_store_elsewhere: WindowsStore) -> WindowsStore:
    return windows_store_elsewhere


@pytest.fixture
def issued(adapter: Adapter, store: WindowsStore) -> Issued:
    """A certificate with its key in Local Machine > Personal."""
    made = adapter.make("todd.corp.example", rsa_key(7))
    store.add(adapter.place(), made.leaf, made.key)
    return made


@pytest.mark.parametrize("location", list(Location))
def test_key_is_there_in_a_new_process(
    adapter: Adapter, store: WindowsStore, other_process: WindowsStore, location: Location
) -> None:
    place = adapter.place(location)
    made = adapter.make("lasting.corp.example", rsa_key(8))
    store.add(place, made.leaf, made.key, friendly_name="Grüße")
    stored = other_process.get(place, made.leaf.fingerprint)
    assert (stored.has_private_key, stored.friendly_name) == (True, "Grüße")
    key = other_process.private_key(place, made.leaf.fingerprint)
    assert private_key_to_der(key) == private_key_to_der(made.key)


@pytest.mark.parametrize("exportable", [True, False])
def test_cng_keeps_a_key_where_that_is_asked_for(
    windows: WindowsMachine, adapter: Adapter, store: WindowsStore, exportable: bool
) -> None:
    """wine's CNG keeps no key, refuses, and leaves nothing."""
    cng = replace(store, provider=tasks.KeyProvider.CNG)
    place = adapter.place()
    made = adapter.make("cng.corp.example", rsa_key(9))
    number = made.leaf.fingerprint

    def add() -> bool:
        return cng.add(place, made.leaf, made.key, exportable=exportable)

    if windows.is_wine:
        refused(ErrorCode.STORE_FAILED, add)
        assert adapter.find(place) == []
        return
    assert add()
    assert cng.get(place, number).has_private_key
    if exportable:
        out = cng.private_key(place, number)
        assert private_key_to_der(out) == private_key_to_der(made.key)
    else:
        refused(ErrorCode.KEY_NOT_EXPORTABLE, lambda: cng.private_key(place, number))
    cng.grant_key_read(place, number, SERVICE)
    assert cng.key_access(place, number, SERVICE).readable


def test_reading_a_key_is_granted_listed_and_revoked(
    adapter: Adapter, store: WindowsStore, other_process: WindowsStore, issued: Issued
) -> None:
    place, number = adapter.place(), issued.leaf.fingerprint
    before = store.key_readers(place, number)
    assert NETWORK_SERVICE not in [reader.sid for reader in before]
    for sid in (NETWORK_SERVICE, SERVICE):
        store.grant_key_read(place, number, sid)
        store.grant_key_read(place, number, sid)
    granted = other_process.key_readers(place, number)
    assert set(granted) - set(before) == {
        KeyReader(NETWORK_SERVICE, account_of(granted, NETWORK_SERVICE), reads=True),
        KeyReader(SERVICE, "", reads=True),
    }
    assert "\\" in account_of(granted, NETWORK_SERVICE)
    store.revoke_key_read(place, number, NETWORK_SERVICE)
    assert set(other_process.key_readers(place, number)) - set(before) == {
        KeyReader(SERVICE, "", reads=True)
    }
    store.revoke_key_read(place, number, SERVICE)
    store.revoke_key_read(place, number, SERVICE)
    assert other_process.key_readers(place, number) == before
    # Whoever is granted reading is not given the certificate's key: it is as exportable as before.
    store.private_key(place, number)


def account_of(readers: tuple[KeyReader, ...], sid: str) -> str:
    (found,) = [reader.account for reader in readers if reader.sid == sid]
    return found


def test_account_is_named_as_that_machine_knows_it(
    adapter: Adapter, store: WindowsStore, issued: Issued
) -> None:
    place, number = adapter.place(), issued.leaf.fingerprint
    store.grant_key_read(place, number, NETWORK_SERVICE)
    name = account_of(store.key_readers(place, number), NETWORK_SERVICE)
    store.revoke_key_read(place, number, name)
    assert NETWORK_SERVICE not in [reader.sid for reader in store.key_readers(place, number)]
    store.grant_key_read(place, number, name)
    assert store.key_access(place, number, name).readable


def test_service_account_without_read_is_seen_and_helped(
    adapter: Adapter, store: WindowsStore, issued: Issued
) -> None:
    place, number = adapter.place(), issued.leaf.fingerprint
    administrators = "S-1-5-32-544"
    others = tuple(
        reader.account
        for reader in store.key_readers(place, number)
        if reader.sid == administrators
    )
    access = store.key_access(place, number, SERVICE)
    assert (access.account, access.readable) == (SERVICE, False)
    assert set(others) <= set(access.others_who_can)
    store.grant_key_read(place, number, SERVICE)
    assert store.key_access(place, number, SERVICE).readable


@pytest.mark.parametrize("owner", ["S-1-5-18", "S-1-5-32-544"])
def test_owners_of_a_key_stay(
    adapter: Adapter, store: WindowsStore, issued: Issued, owner: str
) -> None:
    place, number = adapter.place(), issued.leaf.fingerprint
    before = store.key_readers(place, number)
    refused(ErrorCode.INVALID_INPUT, lambda: store.revoke_key_read(place, number, owner))
    assert store.key_readers(place, number) == before


@pytest.mark.parametrize(
    "account", ["nobody-at-all", "CORP\\nobody", "S-1-x", "", "BUILTIN", "a\\b\\c"]
)
def test_unknown_account_is_not_found(
    adapter: Adapter, store: WindowsStore, issued: Issued, account: str
) -> None:
    place, number = adapter.place(), issued.leaf.fingerprint
    for act in (store.grant_key_read, store.revoke_key_read, store.key_access):
        refused(ErrorCode.NOT_FOUND, lambda act=act: act(place, number, account))


def test_certificate_without_a_key_has_no_readers(adapter: Adapter, store: WindowsStore) -> None:
    made = adapter.make("keyless.corp.example")
    place = adapter.place()
    store.add(place, made.leaf)
    refused(ErrorCode.NO_PRIVATE_KEY, lambda: store.key_readers(place, made.leaf.fingerprint))
    refused(
        ErrorCode.NO_PRIVATE_KEY,
        lambda: store.key_access(place, made.leaf.fingerprint, NETWORK_SERVICE),
    )


@pytest.mark.alone
def test_change_by_another_process_is_seen_within_a_second(
    adapter: Adapter, store: WindowsStore, other_process: WindowsStore
) -> None:
    place = adapter.place()
    first, second = adapter.make("first.corp.example"), adapter.make("second.corp.example")
    other_process.add(place, first.leaf)
    known = fingerprints(store, adapter)
    changes, waited = seen(store, adapter, known, lambda: other_process.add(place, second.leaf))
    assert changes == StoreChanges(frozenset({second.leaf.fingerprint}), frozenset())
    assert waited < 1
    known = fingerprints(store, adapter)
    changes, waited = seen(
        store, adapter, known, lambda: other_process.delete(place, first.leaf.fingerprint)
    )
    assert changes == StoreChanges(frozenset(), frozenset({first.leaf.fingerprint}))
    assert waited < 1


def seen(
    store: WindowsStore, adapter: Adapter, known: frozenset[str], change: object
) -> tuple[StoreChanges, float]:
    """What was seen, and how long after it was done."""
    done: list[float] = []

    def act() -> None:
        assert callable(change)
        change()
        done.append(monotonic())

    timer = Timer(0.3, act)
    timer.start()
    changes = store.changes(adapter.place(), known, 20)
    at = monotonic()
    timer.join()
    return changes, at - done[0]


def test_what_changed_between_two_looks_is_seen_at_once(
    adapter: Adapter, store: WindowsStore
) -> None:
    known = fingerprints(store, adapter)
    made = adapter.make("between.corp.example")
    store.add(adapter.place(), made.leaf)
    began = monotonic()
    changes = store.changes(adapter.place(), known | {"gone"}, 20)
    assert changes == StoreChanges(frozenset({made.leaf.fingerprint}), frozenset({"gone"}))
    assert monotonic() - began < 15


def test_nothing_changed_is_nothing_told(adapter: Adapter, store: WindowsStore) -> None:
    nothing = StoreChanges(frozenset(), frozenset())
    for seconds in (0, 1, -1):
        assert store.changes(adapter.place(), fingerprints(store, adapter), seconds) == nothing
    nowhere = adapter.place(store=StoreName.WEB_HOSTING)
    assert store.changes(nowhere, frozenset(), 1) == nothing


def fingerprints(store: WindowsStore, adapter: Adapter) -> frozenset[str]:
    found = store.changes(adapter.place(), frozenset(), 0).added
    return frozenset(found)


def test_two_processes_change_a_store_at_once(
    adapter: Adapter, store: WindowsStore, other_process: WindowsStore
) -> None:
    place = adapter.place()
    made = [adapter.make(f"s{number}.corp.example") for number in range(20)]
    timer = Timer(0, lambda: [other_process.add(place, one.leaf) for one in made])
    timer.start()
    new = [store.add(place, one.leaf) for one in reversed(made)]
    timer.join()
    assert len(new) == len(adapter.find(place)) == len(made)


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("Nowhere", "My"),
        ("localmachine", "My"),
        ("LocalMachine", ""),
        ("LocalMachine", "..\\My"),
        ("LocalMachine", "\\\\other\\My"),
        ("LocalMachine", "My\n"),
        ("LocalMachine", "x" * 65),
    ],
)
def test_place_that_can_be_none_is_refused(
    windows_tasks: ProcessRunner, location: str, name: str
) -> None:
    """The name "\\\\other\\My" would be the store of another computer."""
    for task in (
        tasks.FindCertificates(location, name),
        tasks.DeleteCertificate(location, name, "00" * 32),
        tasks.WaitForChanges(location, name, (), 0),
    ):
        with pytest.raises(MachineError) as raised:
            windows_tasks.run(task)
        assert raised.value.code is FailureCode.INVALID_INPUT


def test_bytes_that_are_no_certificate_are_refused(windows_tasks: ProcessRunner) -> None:
    for junk in (b"", b"\x30\x82\xff\xff", bytes(1000), b"-----BEGIN CERTIFICATE-----"):
        for task in (
            tasks.AddCertificate("LocalMachine", "My", junk),
            tasks.ImportRsaKey("LocalMachine", "My", junk, b""),
        ):
            with pytest.raises(MachineError) as raised:
                windows_tasks.run(task)
            assert raised.value.code is FailureCode.UNREADABLE_CERTIFICATE


def test_machine_that_answers_something_else_is_told_of() -> None:
    done = 'import sys\nfor line in sys.stdin: print(\'{"result":"done"}\', flush=True)'
    with ProcessRunner([sys.executable, "-c", done]) as runner:
        refused(ErrorCode.STORE_FAILED, WindowsStore("liar", runner).places)


def refused(code: ErrorCode, call: object) -> None:
    assert callable(call)
    with pytest.raises(CertwrightError) as raised:
        call()
    assert raised.value.code is code, raised.value.message
