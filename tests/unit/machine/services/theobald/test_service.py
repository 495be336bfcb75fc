"""Xtract Universal and Board Connector, on a folder made as their documentation says."""

import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from certwright.machine.failures import FailureCode
from certwright.machine.open_folders import OpenFolder
from certwright.machine.services import kinds
from certwright.machine.services.service import Material, MaterialForm, ServiceReference
from certwright.machine.services.service_files import replacing
from certwright.machine.services.service_files.replacing import FORMER, PREVIOUS
from certwright.machine.services.theobald.service import (
    BOARD_CONNECTOR,
    XTRACT_UNIVERSAL,
    TheobaldService,
)
from certwright.machine.whole_files import write_whole_in

from .installation import NEW, NEWER, OLD, OTHER, both, make_installation, service
from .looking import beside, chosen, refused, state

WEB, CONFIGURATION = "web-server", "configuration-server"


def test_both_tabs_are_found_with_thumbprint_file_and_port(
    installed: TheobaldService, tls: Path, tmp_path: Path
) -> None:
    before = state(tmp_path)
    found = installed.find()
    assert found.takes is MaterialForm.THUMBPRINT
    assert found.version == "Xtract Universal 6.14.2"
    assert found.interrupts
    assert "XtractUniversal Service" in found.activation
    places = {one.name: (one.thumbprint, one.addresses[0].port) for one in found.endpoints}
    assert places == {WEB: (OLD, 9165), CONFIGURATION: (OTHER, 9064)}
    assert {one.place for one in found.endpoints} == {str(tls)}
    assert not any(one.notes for one in found.endpoints)
    assert state(tmp_path) == before


def test_ports_host_and_names_can_be_given(tls: Path, tmp_path: Path) -> None:
    found = service(
        XTRACT_UNIVERSAL,
        tmp_path,
        host="10.0.0.7",
        web_server_port="443",
        names="a.example b.example",
    ).find()
    (web,) = [one for one in found.endpoints if one.name == WEB]
    assert (web.addresses[0].host, web.addresses[0].port) == ("10.0.0.7", 443)
    assert web.names == ("a.example", "b.example")
    wrong = service(XTRACT_UNIVERSAL, tmp_path, web_server_port="70000")
    assert refused(wrong.find).code is FailureCode.INVALID_INPUT


def test_without_readable_ports_the_customary_ones_are_taken(tls: Path, tmp_path: Path) -> None:
    for name in ("config", "web"):
        (tls.parent / name / "general.json").write_text('{"ports": [1, 2], ')
    for product in (XTRACT_UNIVERSAL, BOARD_CONNECTOR):
        found = service(product, tmp_path).find()
        ports = {one.name: one.addresses[0].port for one in found.endpoints}
        assert ports == {one.value: port for one, port in product.ports.items()}


def test_board_connector_tells_that_board_cloud_wants_a_public_authority(
    tls: Path, tmp_path: Path
) -> None:
    note, store = service(BOARD_CONNECTOR, tmp_path).find().notes
    assert "Board Cloud" in note
    assert "cloud" in note
    assert "Local Machine > Personal" in store


def test_only_the_endpoints_own_thumbprint_is_exchanged(
    installed: TheobaldService, tls: Path, tmp_path: Path
) -> None:
    before = state(tmp_path)
    assert installed.select(WEB, Material(NEW, OLD)) == (str(tls),)
    assert tls.read_bytes() == both(NEW, OTHER)
    assert beside(tls, FORMER).read_bytes() == both(OLD, OTHER)
    after = state(tmp_path)
    untouched = before.keys() - {tls}
    assert {path: after[path] for path in untouched} == {path: before[path] for path in untouched}


def test_selecting_twice_changes_nothing_more(installed: TheobaldService, tls: Path) -> None:
    installed.select(WEB, Material(NEW))
    before = state(tls.parent)
    assert installed.select(WEB, Material(NEW)) == ()
    assert installed.select(WEB, Material(NEW, OLD)) == ()
    assert state(tls.parent) == before


def test_both_endpoints_can_be_under_way_in_one_file(installed: TheobaldService, tls: Path) -> None:
    installed.select(WEB, Material(NEW))
    installed.select(CONFIGURATION, Material(NEWER))
    installed.confirm(WEB)
    assert installed.undo(CONFIGURATION) == (str(tls),)
    assert tls.read_bytes() == both(NEW, OTHER)
    assert installed.undo(WEB) == ()
    assert not beside(tls, FORMER).exists()


def test_one_endpoint_is_undone_while_the_other_stays_under_way(
    installed: TheobaldService, tls: Path
) -> None:
    installed.select(WEB, Material(NEW))
    installed.select(CONFIGURATION, Material(NEWER))
    installed.undo(WEB)
    assert tls.read_bytes() == both(OLD, NEWER)
    installed.confirm(CONFIGURATION)
    assert chosen(installed) == {WEB: OLD, CONFIGURATION: NEWER}
    assert not beside(tls, FORMER).exists()


def test_undo_keeps_what_somebody_else_saved_meanwhile(
    installed: TheobaldService, tls: Path
) -> None:
    installed.select(WEB, Material(NEW))
    saved = tls.read_bytes().replace(
        "LocalMachine".encode("utf-16-le"), "Elsewhere".encode("utf-16-le")
    )
    tls.write_bytes(saved)
    assert installed.undo(WEB) == (str(tls),)
    assert tls.read_bytes().decode("utf-16") == both(OLD, OTHER).decode("utf-16").replace(
        "LocalMachine", "Elsewhere"
    )
    assert not beside(tls, FORMER).exists()


def test_settings_made_anew_meanwhile_are_not_guessed_at(
    installed: TheobaldService, tls: Path
) -> None:
    installed.select(WEB, Material(NEW))
    tls.write_text("{}")
    error = refused(lambda: installed.undo(WEB))
    assert error.code is FailureCode.CHANGED_MEANWHILE
    assert FORMER in error.remedy
    assert tls.read_text() == "{}"


def test_a_choice_that_no_key_tells_apart_is_that_of_both(tmp_path: Path) -> None:
    tls = make_installation(tmp_path, f'{{"thumbprint": "{OLD}"}}\n'.encode())
    installed = service(XTRACT_UNIVERSAL, tmp_path)
    for one in installed.find().endpoints:
        assert one.thumbprint == OLD
        assert "share" in one.notes[0]
    installed.select(WEB, Material(NEW))
    assert chosen(installed) == {WEB: NEW, CONFIGURATION: NEW}
    installed.undo(WEB)
    assert tls.read_bytes() == f'{{"thumbprint": "{OLD}"}}\n'.encode()


@pytest.mark.parametrize("servers", ["servers", "server"])
def test_folders_tell_whose_a_file_is(tmp_path: Path, servers: str) -> None:
    tls = make_installation(tmp_path, b"{}", servers)
    files = {name: tls.parent / name / "tls.json" for name in ("web", "config")}
    for file in files.values():
        file.write_text(f'{{"X509Certificate": "{OLD}"}}')
    installed = service(XTRACT_UNIVERSAL, tmp_path)
    installed.select(WEB, Material(NEW))
    assert OLD in files["config"].read_text()
    assert NEW in files["web"].read_text()


def test_every_settings_file_with_the_former_one_is_changed(
    installed: TheobaldService, tls: Path
) -> None:
    root = tls.parent.parent
    spaced = " ".join(OLD[place : place + 2] for place in range(0, 40, 2))
    others = {
        root / "certificate.txt": f"\u200e{spaced}\r\n".encode("utf-16"),
        root / "connections/sap/general.json": f'{{"snc": "{OLD}"}}'.encode(),
        tls.parent / "tls.json.bak": f'{{"thumbprint": "{OLD}"}}'.encode(),
    }
    for path, content in others.items():
        path.write_bytes(content)
    places = installed.select(WEB, Material(NEW, OLD))
    text, connection, backup = others
    assert sorted(places) == sorted(map(str, (tls, text, connection)))
    new = " ".join(NEW[place : place + 2] for place in range(0, 40, 2))
    assert text.read_bytes() == f"\u200e{new}\r\n".encode("utf-16")
    assert connection.read_text() == f'{{"snc": "{NEW}"}}'
    assert backup.read_bytes() == others[backup]
    installed.undo(WEB)
    assert {path: path.read_bytes() for path in others} == others


def test_a_selection_cut_off_between_two_files_is_finished_by_the_next(
    installed: TheobaldService, tls: Path
) -> None:
    other = tls.parent / "web/tls.json"
    other.write_text(f'{{"thumbprint": "{OLD}"}}')
    installed.select(WEB, Material(NEW))
    for path, former in ((tls, both(OLD, OTHER)), (other, f'{{"thumbprint": "{OLD}"}}'.encode())):
        path.write_bytes(former)  # as if the power had gone before it
        installed.select(WEB, Material(NEW))
        assert chosen(installed)[WEB] == NEW
        assert OLD.upper() not in tls.read_bytes().decode("utf-16")
        assert NEW in other.read_text()


def test_one_that_was_chosen_elsewhere_meanwhile_is_told_and_stays(
    installed: TheobaldService, tls: Path
) -> None:
    before = state(tls.parent)
    error = refused(lambda: installed.select(WEB, Material(NEW, NEWER)))
    assert error.code is FailureCode.CHANGED_MEANWHILE
    assert OLD in error.message
    assert state(tls.parent) == before


def test_where_nothing_is_chosen_the_designer_is_named(tmp_path: Path) -> None:
    make_installation(tmp_path, b'{"protocol": "http"}')
    installed = service(BOARD_CONNECTOR, tmp_path)
    for one in installed.find().endpoints:
        assert one.thumbprint == ""
        assert "Designer" in one.notes[0]
    error = refused(lambda: installed.select(WEB, Material(NEW)))
    assert error.code is FailureCode.NOT_FOUND
    assert "Web Server" in error.remedy


def test_several_identifiers_that_no_name_explains_are_not_guessed_at(tmp_path: Path) -> None:
    tls = make_installation(tmp_path, f'{{"one": "{OLD}", "two": "{OTHER}"}}'.encode())
    installed = service(XTRACT_UNIVERSAL, tmp_path)
    for one in installed.find().endpoints:
        assert one.thumbprint == ""
        assert "Several thumbprints" in one.notes[0]
    assert refused(lambda: installed.select(WEB, Material(NEW))).code is FailureCode.NOT_FOUND
    installed.select(WEB, Material(NEW, OTHER))
    assert tls.read_text() == f'{{"one": "{OLD}", "two": "{NEW}"}}'


def test_what_is_no_thumbprint_is_refused(installed: TheobaldService) -> None:
    for material in (Material("x"), Material(NEW.upper()), Material(NEW, "12")):
        error = refused(lambda given=material: installed.select(WEB, given))  # type: ignore[misc]
        assert error.code is FailureCode.INVALID_INPUT


def test_a_file_marked_as_read_only_is_told_and_nothing_changes(
    installed: TheobaldService, tls: Path
) -> None:
    other = tls.parent / "web/tls.json"
    other.write_text(f'{{"thumbprint": "{OLD}"}}')
    tls.chmod(0o444)
    before = state(tls.parent)
    error = refused(lambda: installed.select(WEB, Material(NEW)))
    assert error.code is FailureCode.NOT_PERMITTED
    assert "read-only" in error.message
    assert state(tls.parent) == before


def test_what_somebody_saves_at_the_last_moment_wins_and_all_is_put_back(
    installed: TheobaldService, tls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tls.parent / "config/tls.json"
    first.write_text(f'{{"webServer": "{OLD}"}}')

    def saved_meanwhile(folder: OpenFolder, name: str, *arguments: Any) -> None:
        if name == tls.name:
            tls.write_bytes(both(OTHER, OTHER))
        write_whole_in(folder, name, *arguments)

    monkeypatch.setattr(replacing, "write_whole_in", saved_meanwhile)
    error = refused(lambda: installed.select(WEB, Material(NEW)))
    assert error.code is FailureCode.CHANGED_MEANWHILE
    assert tls.read_bytes() == both(OTHER, OTHER)
    assert first.read_text() == f'{{"webServer": "{OLD}"}}'
    assert not list(tls.parent.rglob(f".*{FORMER}"))


def test_it_is_restarted_by_the_command_that_is_given(tls: Path, tmp_path: Path) -> None:
    mark = tmp_path / "restarted"
    command = f"{sys.executable} -c \"open('{mark}', 'w')\""
    done = service(XTRACT_UNIVERSAL, tmp_path, restart=command).activate(WEB)
    assert mark.exists()
    assert "restarted" in done


def test_one_that_does_not_come_back_is_told_with_its_words(tls: Path, tmp_path: Path) -> None:
    command = f"{sys.executable} -c \"raise SystemExit('port 8165 is taken')\""
    failing = service(XTRACT_UNIVERSAL, tmp_path, restart=command)
    error = refused(lambda: failing.activate(WEB))
    assert error.code is FailureCode.SERVICE_FAILED
    assert "port 8165 is taken" in error.message


@pytest.mark.skipif(os.name == "nt", reason="Windows has such services")
def test_where_there_is_no_windows_the_command_is_asked_for(installed: TheobaldService) -> None:
    error = refused(lambda: installed.activate(WEB))
    assert error.code is FailureCode.INVALID_INPUT
    assert "restart" in error.remedy


def test_renewed_confirmed_and_renewed_again(tls: Path, tmp_path: Path) -> None:
    installed = service(XTRACT_UNIVERSAL, tmp_path, restart=f"{sys.executable} -c pass")
    mode = stat.S_IMODE(tls.stat().st_mode)
    for former, new in ((OTHER, NEW), (NEW, NEWER)):
        for endpoint in (WEB, CONFIGURATION):
            installed.select(endpoint, Material(new))
            installed.activate(endpoint)
            installed.confirm(endpoint)
        assert chosen(installed) == {WEB: new, CONFIGURATION: new}
        assert former.upper() in beside(tls, PREVIOUS).read_bytes().decode("utf-16")
    assert tls.read_bytes() == both(NEWER, NEWER)
    assert stat.S_IMODE(tls.stat().st_mode) == mode


def test_a_folder_without_an_installation_is_told(tmp_path: Path) -> None:
    error = refused(service(BOARD_CONNECTOR, tmp_path).find)
    assert error.code is FailureCode.NOT_FOUND
    assert str(tmp_path) in error.message


def test_the_customary_folder_is_looked_at_where_none_is_named() -> None:
    error = refused(kinds.open_service(ServiceReference("board-connector")).find)
    assert "BOARDConnector" in error.message


def test_a_folder_that_cannot_be_read_is_not_passed_over(
    installed: TheobaldService, tls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def refusing(path: str) -> object:  # root may read everything
        if Path(path) == tls.parent:
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    error = refused(installed.find)
    assert error.code is FailureCode.NOT_PERMITTED
    assert str(tls.parent) in error.message


def test_pipes_and_huge_files_do_not_stop_it(installed: TheobaldService, tls: Path) -> None:
    os.mkfifo(tls.parent / "pipe")
    assert chosen(installed)[WEB] == OLD
    tls.write_bytes(f'"thumbprint {OLD}" '.encode() * 1001)
    assert refused(installed.find).code is FailureCode.TOO_LARGE
