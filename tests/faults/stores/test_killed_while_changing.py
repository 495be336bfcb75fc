"""The process on the Windows machine is killed at any moment: no certificate is without its key."""

from threading import Timer

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.stores.place import Place
from certwright.stores.windows import WindowsStore

from ...contract.store_adapters import WINDOWS_MACHINE, Adapter
from ...materials.rsa_keys import rsa_key
from ...unit.foreign_authority import Issued
from ...windows.machine import WindowsMachine

LATER_EACH_TIME = 0.013
"""Seconds: an import takes some 20 ms, a deletion 30."""


def test_every_certificate_has_its_key_whenever_it_is_killed(
    windows: WindowsMachine, windows_store: Adapter
) -> None:
    """And who was killed in its turn does not keep the next one waiting."""
    place = windows_store.place()
    issued = windows_store.make("killed.corp.example", rsa_key(2))
    for number in range(1, 9):
        with windows.runner() as runner:
            store = WindowsStore(WINDOWS_MACHINE, runner)
            store.find(place)
            process = runner._process
            assert process is not None
            Timer(number * LATER_EACH_TIME, process.kill).start()
            with pytest.raises(CertwrightError) as raised:
                change_until_killed(store, place, issued)
            assert raised.value.code is ErrorCode.STORE_FAILED
        assert all(stored.has_private_key for stored in windows_store.find(place))
        windows_store.clear()


def change_until_killed(store: WindowsStore, place: Place, issued: Issued) -> None:
    while True:
        store.add(place, issued.leaf, issued.key)
        store.delete(place, issued.leaf.fingerprint)
