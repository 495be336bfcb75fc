"""The reset of the TLS settings: they stay until the service runs without them."""

import sys
from pathlib import Path

from certwright.machine.failures import FailureCode
from certwright.machine.services import kinds
from certwright.machine.services.service import Material, ServiceReference
from certwright.machine.services.service_files.replacing import FORMER, PREVIOUS
from certwright.machine.services.tasks import Changed, ResetService
from certwright.machine.services.theobald.service import (
    XTRACT_UNIVERSAL,
    TheobaldService,
)

from .installation import NEW, OLD, OTHER, both, service
from .looking import beside, chosen, refused

WEB, CONFIGURATION = "web-server", "configuration-server"


def test_reset_keeps_the_settings_until_it_runs_without_them(tls: Path, tmp_path: Path) -> None:
    installed = service(XTRACT_UNIVERSAL, tmp_path, restart=f"{sys.executable} -c pass")
    content = tls.read_bytes()
    assert installed.reset() == (str(tls),)
    assert installed.reset() == (str(tls),)
    assert beside(tls, FORMER).read_bytes() == content
    assert installed.undo(WEB) == (str(tls),)
    assert tls.read_bytes() == content
    installed.reset()
    installed.activate(WEB)
    assert not tls.exists()
    assert beside(tls, PREVIOUS).read_bytes() == content
    assert installed.undo(WEB) == ()


def test_a_reset_cut_off_before_the_restart_is_told_and_taken_back_by_the_next_selection(
    installed: TheobaldService, tls: Path
) -> None:
    installed.reset()  # and there the node was killed
    assert chosen(installed) == {WEB: OLD, CONFIGURATION: OTHER}
    *_, note = installed.find().notes
    assert "cut off" in note
    assert str(tls) in note
    assert installed.select(WEB, Material(NEW, OLD)) == (str(tls),)
    assert tls.read_bytes() == both(NEW, OTHER)
    assert "cut off" not in " ".join(installed.find().notes)
    installed.undo(WEB)
    assert tls.read_bytes() == both(OLD, OTHER)


def test_a_reset_cut_off_before_the_restart_is_brought_to_its_end_by_the_next_reset(
    tls: Path, tmp_path: Path
) -> None:
    installed = service(XTRACT_UNIVERSAL, tmp_path, restart=f"{sys.executable} -c pass")
    content = tls.read_bytes()
    installed.reset()  # and there the node was killed
    assert installed.reset() == (str(tls),)
    installed.activate(WEB)
    assert beside(tls, PREVIOUS).read_bytes() == content
    assert "cut off" not in " ".join(installed.find().notes)
    assert installed.reset() == ()


def test_reset_is_a_task_and_other_kinds_have_none(tls: Path, tmp_path: Path) -> None:
    reference = ServiceReference("xtract-universal", str(tmp_path))
    assert kinds.perform(ResetService(reference)) == Changed((str(tls),))
    error = refused(lambda: kinds.perform(ResetService(ServiceReference("nginx"))))
    assert error.code is FailureCode.NOT_AVAILABLE
