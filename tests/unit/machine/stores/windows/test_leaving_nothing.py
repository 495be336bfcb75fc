"""Hundreds of imports and deletions in one process: no handle, no memory, no key stays behind.

On wine alone, which lets its handles, memory and key containers be counted.
"""

import json
from base64 import b64encode

from certwright.stores.rsa_blob import write_blob

from .....contract.store_adapters import NOW
from .....materials.rsa_keys import rsa_key, rsa_key_of_full_length
from .....windows.machine import WindowsMachine
from ....foreign_authority import self_signed

ROUNDS = 40
SCRIPT = """
import base64, ctypes, json
from ctypes import wintypes
from machine.failures import MachineError
from machine.stores.windows.performing import perform
from machine.tasks import *

class Memory(ctypes.Structure):
    _fields_ = [("size", wintypes.DWORD), ("faults", wintypes.DWORD)] + [
        (name, ctypes.c_size_t)
        for name in ("peak", "resident", "a", "b", "c", "d", "committed", "e")
    ]

kernel32 = ctypes.WinDLL("kernel32")
kernel32.K32GetProcessMemoryInfo.argtypes = [wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD]

def used():
    handles, memory = wintypes.DWORD(), Memory(ctypes.sizeof(Memory))
    assert kernel32.GetProcessHandleCount(wintypes.HANDLE(-1), ctypes.byref(handles))
    assert kernel32.K32GetProcessMemoryInfo(
        wintypes.HANDLE(-1), ctypes.byref(memory), ctypes.sizeof(memory)
    )
    return handles.value, memory.resident

certificate, key, foreign, pfx = map(base64.b64decode, ARGUMENTS)
number = __import__("hashlib").sha256(certificate).hexdigest()
where = ("LocalMachine", "My")

def refused(task):
    try:
        perform(task)
    except MachineError:
        return
    raise AssertionError(task)

def once():
    perform(ImportRsaKey(*where, certificate, key, "Todd", True))
    perform(FindCertificates(*where))
    perform(ExportPrivateKey(*where, number, ""))
    perform(SetFriendlyName(*where, number, "Anna"))
    perform(GrantKeyRead(*where, number, "S-1-5-20"))
    perform(CheckKeyAccess(*where, number, "S-1-5-20"))
    perform(WaitForChanges(*where, (), 0))
    perform(DeleteCertificate(*where, number))
    refused(ImportRsaKey(*where, certificate, foreign))
    refused(ImportRsaKey(*where, certificate, b"junk"))
    refused(AddCertificate(*where, b"junk"))
    refused(DeleteCertificate(*where, number))

def import_pfx():
    perform(ImportPfx(*where, pfx, "todd", KeyProvider.CAPI))
    perform(DeleteCertificate(*where, number))
    refused(ImportPfx(*where, pfx, "wrong", KeyProvider.CAPI))

def left_by(act):
    for _ in range(10):
        act()
    before = used()
    for _ in range(ROUNDS):
        act()
    return [after - then for after, then in zip(used(), before)]

print(json.dumps([left_by(once), left_by(import_pfx)]))
"""


def test_rounds_of_everything_leave_nothing_behind(windows: WindowsMachine) -> None:
    before = windows.key_containers()
    (handles, resident), (handles_of_pfx, _) = left(windows, ROUNDS)
    assert windows.key_containers() == before
    assert max(handles, handles_of_pfx) <= 2
    # wine itself keeps 2 KB of a certificate that is added and deleted, and 31 KB of a PFX file:
    # PFXImportCertStore and CertCloseStore alone do. Our part is none of it.
    assert resident < ROUNDS * 8_000


def left(windows: WindowsMachine, rounds: int) -> list[tuple[int, int]]:
    """Handles and resident bytes more after so many rounds: without PFX files, and of those."""
    key = rsa_key_of_full_length(5)
    made = self_signed(["lasting.corp.example"], NOW, key=key)
    given = [made.leaf.der, write_blob(key), write_blob(rsa_key(1)), made.pfx("todd")]
    arguments = f"ARGUMENTS = {[base64(one) for one in given]!r}\nROUNDS = {rounds}\n"
    numbers: list[tuple[int, int]] = json.loads(windows.run_script(arguments + SCRIPT))
    return numbers


def base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


LOCKED = """
import base64, threading
from machine.failures import MachineError
from machine.stores.windows import turns
from machine.stores.windows.performing import perform
from machine.tasks import *

turns._LONGEST_WAIT = 200
certificate = base64.b64decode(ARGUMENT)
where = ("LocalMachine", "My")

def add():
    try:
        perform(AddCertificate(*where, certificate))
    except MachineError as error:
        print(error.code.value, error.message, error.remedy)
    print(len(perform(FindCertificates(*where)).entries))

for is_locked in (True, False):
    adding = threading.Thread(target=add)
    if is_locked:  # a mutex is its thread's own
        with turns.turn("LocalMachine"):
            adding.start()
            adding.join()
    else:
        adding.start()
        adding.join()
number = __import__("hashlib").sha256(certificate).hexdigest()
perform(DeleteCertificate(*where, number))
"""


def test_a_store_that_is_locked_is_left_as_it_is_and_that_is_told(windows: WindowsMachine) -> None:
    certificate = b64encode(self_signed(["locked.corp.example"], NOW).leaf.der).decode()
    said = windows.run_script(f"ARGUMENT = {certificate!r}\n{LOCKED}").splitlines()
    locked, before, after = said
    assert locked.startswith("busy Another process has been changing this machine's certificate")
    assert "Try again in a minute" in locked
    assert int(after) == int(before) + 1
