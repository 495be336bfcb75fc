"""Root in a folder of another account: what that account swaps or links leads it nowhere else."""

import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.open_folders import OpenFolder
from certwright.machine.services.service_files import opened_files, replacing
from certwright.machine.services.service_files.opened_files import opened_file
from certwright.machine.services.service_files.reading import FoundFile, read_opened
from certwright.machine.services.service_files.replacing import (
    FORMER,
    former_content,
    put_back,
    replace_file,
)
from certwright.machine.whole_files import Access, write_whole_in

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="no descriptors of folders there"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away"),
]
THEIRS = 65534
SECRET = b"-----BEGIN PRIVATE KEY-----\nof another service\n"


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A folder of root's with a key in it."""
    folder = tmp_path / "ours"
    folder.mkdir(0o755)
    (folder / "other.key").write_bytes(SECRET)
    (folder / "other.key").chmod(0o600)
    return folder


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A folder of another account's with a key in it."""
    folder = tmp_path / "theirs"
    (folder / "tls").mkdir(0o700, parents=True)
    (folder / "tls/server.key").write_bytes(b"first")
    for path in (folder, folder / "tls", folder / "tls/server.key"):
        os.chown(path, THEIRS, THEIRS)
    return folder


def link(path: Path, target: Path | str, owner: int) -> Path:
    path.symlink_to(target)
    os.lchown(path, owner, owner)
    return path


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(path: Path) -> MachineError:
    with pytest.raises(MachineError) as failure:
        replace_file(path, b"second")
    return failure.value


def test_a_folder_swapped_for_a_link_between_two_steps_leads_nowhere(
    ours: Path, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(ours)
    moved = theirs / "moved"

    def write(folder: OpenFolder, name: str, *others: Any) -> None:
        if name == "server.key":
            (theirs / "tls").rename(moved)
            link(theirs / "tls", ours, THEIRS)
        write_whole_in(folder, name, *others)

    monkeypatch.setattr(replacing, "write_whole_in", write)
    assert replace_file(theirs / "tls/server.key", b"second")
    assert everything(ours) == before
    assert everything(moved) == {"server.key": b"second", f".server.key{FORMER}": b"first"}


def test_a_folder_swapped_right_before_the_renaming_leads_nowhere(ours: Path, theirs: Path) -> None:
    def swap() -> None:
        (theirs / "tls").rename(theirs / "moved")
        link(theirs / "tls", ours, THEIRS)

    with opened_file(theirs / "tls/server.key") as file:
        write_whole_in(file.folder, file.name, b"second", Access(), swap)
    assert everything(ours) == {"other.key": SECRET}
    assert everything(theirs / "moved") == {"server.key": b"second"}


def test_a_file_swapped_for_a_link_after_it_was_read_is_not_read_again(
    ours: Path, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = theirs / "tls/server.key"

    def read(descriptor: int, path: Path) -> FoundFile:
        found = read_opened(descriptor, path)
        if path == file and found.content == b"first":
            path.unlink()
            link(path, ours / "other.key", THEIRS)
        return found

    monkeypatch.setattr(opened_files, "read_opened", read)
    assert replace_file(file, b"second")
    assert everything(file.parent) == {"server.key": b"second", f".server.key{FORMER}": b"first"}
    assert everything(ours) == {"other.key": SECRET}


def test_a_file_swapped_for_a_link_once_the_folder_is_open_is_refused(
    ours: Path, theirs: Path
) -> None:
    file = theirs / "tls/server.key"
    with opened_file(file) as opened:
        file.unlink()
        link(file, ours / "other.key", THEIRS)
        with pytest.raises(MachineError, match="cannot be read"):
            opened.look()


def test_what_is_kept_is_not_read_by_a_link(ours: Path, theirs: Path) -> None:
    file = theirs / "tls/server.key"
    link(file.with_name(f".server.key{FORMER}"), ours / "other.key", THEIRS)
    for step in (former_content, put_back):
        with pytest.raises(MachineError, match="cannot be read"):
            step(file)
    assert file.read_bytes() == b"first"


def test_a_link_of_theirs_into_a_folder_of_roots_is_refused(ours: Path, theirs: Path) -> None:
    failure = refused(link(theirs / "live.key", ours / "other.key", THEIRS))
    assert failure.code is FailureCode.NOT_PERMITTED
    assert "a symbolic link of the account" in failure.message
    assert "chown -h root" in failure.remedy
    assert everything(ours) == {"other.key": SECRET}


def test_a_dangling_link_of_theirs_makes_no_file_in_a_folder_of_roots(
    ours: Path, theirs: Path
) -> None:
    refused(link(theirs / "new.crt", ours / "nologin", THEIRS))
    refused(link(theirs / "conf", ours, THEIRS) / "nologin")
    assert everything(ours) == {"other.key": SECRET}


def test_a_link_of_theirs_by_way_of_one_of_roots_is_refused_too(ours: Path, theirs: Path) -> None:
    link(theirs / "of-root", "../ours", 0)
    refused(link(theirs / "live.key", "of-root/other.key", THEIRS))
    assert everything(ours) == {"other.key": SECRET}


def test_a_link_of_roots_leads_anywhere(ours: Path, theirs: Path) -> None:
    assert replace_file(link(theirs / "server.crt", ours / "other.key", 0), b"second")
    assert everything(ours)["other.key"] == b"second"
    assert (theirs / "server.crt").is_symlink()


def test_a_link_of_theirs_within_what_is_theirs_is_followed(theirs: Path) -> None:
    path = link(theirs / "live.key", theirs / "tls/../tls/server.key", THEIRS)
    assert replace_file(path, b"second")
    assert (theirs / "tls/server.key").read_bytes() == b"second"
    assert put_back(path)
    assert (theirs / "tls/server.key").read_bytes() == b"first"


def test_a_program_that_runs_as_its_owner_is_not_made(theirs: Path) -> None:
    file = theirs / "tls/server.key"
    file.chmod(0o6750)
    assert replace_file(file, b"second")
    assert stat.S_IMODE(file.stat().st_mode) == 0o750
