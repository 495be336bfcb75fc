"""The same folder with Windows' own paths, locks and services."""

import shutil
from pathlib import Path

import pytest

from certwright.machine.failures import FailureCode
from certwright.machine.services.service import FoundService, Material, ServiceReference
from certwright.machine.services.service_files.replacing import PREVIOUS
from certwright.machine.services.tasks import (
    Changed,
    ConfirmSelection,
    FindService,
    SelectCertificate,
)
from certwright.stores.task_runner import ProcessRunner

from .....windows.machine import WindowsMachine
from .installation import NEW, OLD, OTHER, both

PROGRAM = Path(__file__).with_name("windows_service_program.py")
SERVICE = "XtractUniversal Service"
WEB = "web-server"


def as_windows_names(path: Path) -> str:
    """wine has the root of this machine as its drive Z."""
    return "Z:" + str(path).replace("/", "\\")


def reference(folder: Path) -> ServiceReference:
    return ServiceReference("xtract-universal", as_windows_names(folder))


RESTARTING = """
import ctypes, pathlib, subprocess, sys, time
from ctypes import c_ulong, c_void_p, c_wchar_p
from machine.failures import MachineError
from machine.services.kinds import open_service
from machine.services.service import Option, ServiceReference

advapi32 = ctypes.WinDLL("advapi32.dll")
advapi32.OpenSCManagerW.restype = advapi32.CreateServiceW.restype = c_void_p
advapi32.CreateServiceW.argtypes = [c_void_p, c_wchar_p, c_wchar_p, c_ulong, c_ulong, c_ulong,
    c_ulong, c_wchar_p, *[c_void_p] * 5]
advapi32.ControlService.argtypes = [c_void_p, c_ulong, c_void_p]
advapi32.DeleteService.argtypes = [c_void_p]
manager = advapi32.OpenSCManagerW(None, None, 0xF003F)

def activated(name):
    service = open_service(ServiceReference("xtract-universal", FOLDER, (Option("service", name),)))
    while True:
        try:
            return service.activate("web-server")
        except MachineError as error:
            said = f"{error.code.value} {error.message} {error.remedy}"
            if "1053" not in said:  # of every other start wine says that it took too long
                return said

made = []
for name, ends in SERVICES.items():
    words = [sys.executable, "-I", "-S", PROGRAM, name, STARTS, *ends]
    made.append(advapi32.CreateServiceW(manager, name, None, 0xF01FF, 0x10, 3, 1,
        subprocess.list2cmdline(words), None, None, None, None, None))
    for _ in range(2 - len(ends)):
        print(activated(name), "|", len(set(pathlib.Path(STARTS).read_text().split())))
print(activated("Nobody"))
for service in made:
    advapi32.ControlService(service, 1, ctypes.create_string_buffer(64))
    advapi32.DeleteService(service)
"""
"""In one process: wine's services.exe forgets a service when the one ends that made it."""


def test_settings_are_found_and_exchanged_below_windows_paths(
    windows_tasks: ProcessRunner, tls: Path, tmp_path: Path
) -> None:
    found = windows_tasks.run(FindService(reference(tmp_path)))
    assert isinstance(found, FoundService)
    assert {one.thumbprint for one in found.endpoints} == {OLD, OTHER}
    place = as_windows_names(tls)
    assert {one.place for one in found.endpoints} == {place}
    changed = windows_tasks.run(SelectCertificate(reference(tmp_path), WEB, Material(NEW, OLD)))
    assert changed == Changed((place,))
    assert tls.read_bytes() == both(NEW, OTHER)
    windows_tasks.run(ConfirmSelection(reference(tmp_path), WEB))
    assert tls.with_name(f".{tls.name}{PREVIOUS}").read_bytes() == both(OLD, OTHER)


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ("handle = kernel32.CreateFileW(path, 0x80000000, 0, None, 3, 0, None)", FailureCode.BUSY),
        ("handle = kernel32.CreateFileW(path, 0x80000000, 1, None, 3, 0, None)", FailureCode.BUSY),
        ("kernel32.SetFileAttributesW(path, 1)", FailureCode.NOT_PERMITTED),
    ],
)
def test_a_file_in_use_or_read_only_is_told_and_stays(
    windows: WindowsMachine, tls: Path, tmp_path: Path, before: str, code: FailureCode
) -> None:
    script = (
        "import ctypes\n"
        "from machine.failures import MachineError\n"
        "from machine.services.kinds import open_service\n"
        "from machine.services.service import Material, ServiceReference\n"
        "kernel32 = ctypes.WinDLL('kernel32.dll')\n"
        f"path = {as_windows_names(tls)!r}\n"
        f"{before}\n"
        f"reference = ServiceReference('xtract-universal', {as_windows_names(tmp_path)!r})\n"
        "try:\n"
        f"    open_service(reference).select({WEB!r}, Material({NEW!r}, {OLD!r}))\n"
        "except MachineError as error:\n"
        "    print(error.code.value, error.message, error.remedy)\n"
    )
    said = windows.run_script(script)
    assert said.startswith(code.value)
    assert "tls.json" in said
    assert tls.read_bytes() == both(OLD, OTHER)
    assert list(tls.parent.glob(".*")) == []


@pytest.mark.timeout(300)  # of which wine waits most
def test_its_service_is_restarted_and_what_hinders_that_is_told(
    windows: WindowsMachine, tls: Path, tmp_path: Path
) -> None:
    program = shutil.copy(PROGRAM, tmp_path)
    values = {
        "FOLDER": as_windows_names(tmp_path),
        "PROGRAM": as_windows_names(Path(program)),
        "STARTS": as_windows_names(tmp_path / "starts.txt"),
        "SERVICES": {SERVICE: [], "Ends at once": ["ends"]},
    }
    constants = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    said = windows.run_script(constants + RESTARTING, seconds=240).splitlines()
    started, restarted, ended, unknown = said
    for one in (started, restarted):
        assert one.startswith("Xtract Universal was restarted")
    assert int(restarted.rpartition("|")[2]) > int(started.rpartition("|")[2]) > 0
    assert ended.startswith("service-failed The service Ends at once ended with code 7")
    assert unknown.startswith("not-found This machine has no service called Nobody.")
    assert "option service" in unknown
