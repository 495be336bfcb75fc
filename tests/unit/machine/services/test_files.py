"""Plain files: found, written, reloaded, put back."""

import dataclasses
import stat
import sys
from pathlib import Path

import pytest

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.kinds import open_service
from certwright.machine.services.service import Option, Service, ServiceReference
from certwright.machine.services.service_files.replacing import PREVIOUS

from .materials import material

FIRST = material()
SEPARATE = {"certificate": "site.pem", "key": "site.key"}
COMBINED = {"certificate": "site.pem", "key": "site.pem"}
WITH_CHAIN = {**SEPARATE, "chain": "chain.pem"}


def service(folder: Path, **options: str) -> Service:
    given = tuple(Option(name, value) for name, value in options.items())
    return open_service(ServiceReference("files", str(folder), given))


@pytest.fixture(params=[SEPARATE, COMBINED, WITH_CHAIN], ids=["separate", "combined", "chain"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Service:
    """Three ways of laying it down, with the first certificate in place and confirmed."""
    made = service(tmp_path, **request.param)
    assert made.find().endpoints[0].thumbprint == ""
    made.select("files", FIRST)
    made.confirm("files")
    return made


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_was_selected_is_found(files: Service, tmp_path: Path) -> None:
    (endpoint,) = files.find().endpoints
    assert endpoint.thumbprint == FIRST.thumbprint
    assert endpoint.place == str(tmp_path / "site.pem")
    text = "".join(content.decode() for content in everything(tmp_path).values())
    assert text.count("BEGIN CERTIFICATE") == 2
    assert text.count("BEGIN PRIVATE KEY") == 1


def test_undo_goes_back_to_what_was_activated_last(files: Service, tmp_path: Path) -> None:
    before = everything(tmp_path)
    assert files.select("files", material())
    assert files.select("files", material())
    assert files.undo("files")
    assert everything(tmp_path) == before
    assert files.undo("files") == ()


def test_selecting_what_is_there_changes_nothing(files: Service) -> None:
    assert files.select("files", FIRST) == ()


def test_once_confirmed_the_previous_pair_lies_beside_even_where_the_key_is_the_same(
    tmp_path: Path,
) -> None:
    made = service(tmp_path, **SEPARATE)
    first, again = material(), FIRST
    for one in (first, again, dataclasses.replace(again, chain=again.chain + first.chain)):
        made.select("files", one)
        made.confirm("files")
    assert (tmp_path / f".site.key{PREVIOUS}").read_text() == again.private_key
    previous = (tmp_path / f".site.pem{PREVIOUS}").read_text()
    assert previous == again.chain


def test_parameters_of_a_key_exchange_stay(tmp_path: Path) -> None:
    parameters = "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n"
    (tmp_path / "site.pem").write_text(FIRST.chain + FIRST.private_key + parameters)
    new = material()
    service(tmp_path, **COMBINED).select("files", new)
    assert (tmp_path / "site.pem").read_text() == new.chain + new.private_key + parameters


def test_a_key_file_is_closed_to_others(files: Service, tmp_path: Path) -> None:
    key = next(path for path in tmp_path.iterdir() if b"PRIVATE KEY" in path.read_bytes())
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_wrong_pair_changes_nothing(files: Service, tmp_path: Path) -> None:
    before = everything(tmp_path)
    wrong = dataclasses.replace(material(), private_key=material().private_key)
    with pytest.raises(MachineError, match="does not belong"):
        files.select("files", wrong)
    assert everything(tmp_path) == before


def test_another_endpoint_is_not_there(files: Service) -> None:
    for step in (files.activate, files.confirm, files.undo):
        with pytest.raises(MachineError, match=r"no endpoint .web.") as refused:
            step("web")
        assert refused.value.code is FailureCode.NOT_FOUND
    assert "as no option reload is given" in files.activate("files")


def test_the_command_is_run(tmp_path: Path) -> None:
    touch = f"{sys.executable} -c \"open('{tmp_path}/ran', 'w')\""
    made = service(tmp_path, **SEPARATE, endpoint="web", reload=touch)
    assert made.find().interrupts
    assert made.activate("web").endswith("was run.")
    assert (tmp_path / "ran").exists()


def test_files_that_are_not_named_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="not said") as refused:
        service(tmp_path, certificate="site.pem")
    assert refused.value.code is FailureCode.INVALID_INPUT


def test_a_file_whose_folder_nobody_named_is_looked_for_nowhere() -> None:
    for options in (SEPARATE, {"certificate": "/srv/site.pem", "key": "site.key"}):
        given = tuple(Option(name, value) for name, value in options.items())
        with pytest.raises(MachineError, match="is not said") as refused:
            open_service(ServiceReference("files", "", given))
        assert refused.value.code is FailureCode.INVALID_INPUT
