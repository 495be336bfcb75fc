"""What an account of its own may not do with a service's files is told before it is tried."""

import grp
import os
import pwd
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from certwright.machine.failures import MachineError
from certwright.machine.services.pem.rights import lacking_rights, open_to_others
from certwright.machine.services.service_files.replacing import replace_file

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="accounts of another kind there"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another account"),
]
THEIRS = 65534
NAME, ROOTS_GROUP = pwd.getpwuid(THEIRS).pw_name, grp.getgrgid(0).gr_name
"""Looked up here, as the other account may not reach the Python that does it."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that every account may reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def key(folder: Path) -> Path:
    file = folder / "private" / "site.key"
    file.parent.mkdir(0o755)
    file.write_bytes(b"first")
    file.chmod(0o600)
    return file


@contextmanager
def another_account() -> Iterator[None]:
    """Only what that account may do can be done meanwhile."""
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(THEIRS)
    os.seteuid(THEIRS)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def test_all_that_is_lacking_stands_in_one_note(key: Path) -> None:
    with another_account():
        note = lacking_rights((key, key))
    assert f"read {key};" in note
    assert f"write in the folder {key.parent};" in note
    assert f"keep the owner and group of {key} (root:{ROOTS_GROUP}). docs" in note


def test_what_a_closed_folder_hides_is_not_called_readable(key: Path) -> None:
    key.parent.chmod(0o700)
    with another_account():
        note = lacking_rights((key,))
    assert f"read {key};" in note
    assert "owner" not in note


def test_whose_own_the_files_are_reads_no_note(key: Path) -> None:
    for path in (key, key.parent):
        os.chown(path, THEIRS, THEIRS)
    with another_account():
        assert not lacking_rights((key,))
    assert not lacking_rights((key,))


def test_a_file_that_is_not_there_needs_its_folder_only(key: Path) -> None:
    os.chown(key.parent, THEIRS, THEIRS)
    with another_account():
        assert not lacking_rights((key.with_name("new.key"),))


@pytest.mark.parametrize(
    ("mode", "group", "is_told"),
    [
        (0o755, THEIRS, False),
        (0o775, THEIRS, True),
        (0o775, 0, False),
        (0o777, 0, True),
        (0o1777, THEIRS, False),
    ],
)
def test_a_folder_in_which_others_can_replace_the_key_is_told(
    key: Path, mode: int, group: int, is_told: bool
) -> None:
    os.chown(key.parent, 0, group)
    key.parent.chmod(mode)
    note = open_to_others((key, key))
    assert note.endswith(f"chmod go-w {key.parent}") == is_told, note
    assert bool(note) == is_told
    assert not open_to_others((key.parent.parent / "none" / "site.key",))


def test_a_group_that_cannot_be_kept_is_what_the_failure_tells_of(key: Path) -> None:
    os.chown(key.parent, THEIRS, THEIRS)
    os.chown(key, THEIRS, 0)

    with another_account(), pytest.raises(MachineError) as failure:
        replace_file(key, b"second")
    told = f"{failure.value.message} {failure.value.remedy}"
    assert "only root may give the new file to " in told
    assert f"{NAME}:{ROOTS_GROUP}, whose it is" in told
    assert "immutable" not in told
    assert key.read_bytes() == b"first"
    assert list(key.parent.iterdir()) == [key]
