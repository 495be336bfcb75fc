"""What must not outlive the node lies in memory, closed to everybody else."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.node.runtime_folder import is_in_memory, make_runtime_folder

MOUNTS = """\
overlay / overlay rw 0 0
proc /proc proc rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/sda1 /run/media/disk ext4 rw 0 0
tmpfs /run/media/disk/again tmpfs rw 0 0
shm /dev/shm tmpfs rw 0 0
none /mnt/with\\040space ramfs rw 0 0
tmpfs /covered tmpfs rw 0 0
/dev/sdb1 /covered ext4 rw 0 0
"""
LIVE = "tmpfs / tmpfs rw 0 0\n/dev/sda1 /home ext4 rw 0 0\n"


@pytest.mark.parametrize(
    ("folder", "mounts", "expected"),
    [
        ("/run", MOUNTS, True),
        ("/run/user/1000", MOUNTS, True),
        ("/running", MOUNTS, False),
        ("/dev/shm", MOUNTS, True),
        ("/var/tmp", MOUNTS, False),
        ("/run/media/disk", MOUNTS, False),
        ("/run/media/disk/certwright", MOUNTS, False),
        ("/run/media/disk/again/certwright", MOUNTS, True),
        ("/mnt/with space/x", MOUNTS, True),
        ("/covered/x", MOUNTS, False),
        ("/root", LIVE, True),
        ("/home/ada", LIVE, False),
        ("/anywhere", "", False),
    ],
)
def test_innermost_file_system_counts(folder: str, mounts: str, expected: bool) -> None:
    assert is_in_memory(Path(folder), mounts) is expected


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in memory that the environment names."""
    folder = Path(tempfile.mkdtemp(prefix="certwright-test-", dir="/dev/shm"))
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    shutil.rmtree(folder)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_rooms_are_closed(memory: Path, tmp_path: Path) -> None:
    folder = make_runtime_folder(tmp_path, passable=False)
    assert folder.path.parent == memory
    assert mode(folder.path) == mode(folder.front) == 0o700
    assert mode(folder.application_socket.parent) == 0o700


def test_another_account_may_pass_through_and_see_nothing(memory: Path, tmp_path: Path) -> None:
    folder = make_runtime_folder(tmp_path, passable=True)
    assert mode(folder.path) == 0o711
    assert mode(folder.front) == 0o700
    assert mode(folder.application_socket.parent) == 0o700


def test_leftovers_of_a_killed_node_are_gone(memory: Path, tmp_path: Path) -> None:
    secret = make_runtime_folder(tmp_path, passable=False).front / "private.key"
    secret.write_text("of the node that was killed")
    again = make_runtime_folder(tmp_path, passable=False)
    assert not secret.exists()
    again.remove()
    assert list(memory.iterdir()) == []


def test_each_data_folder_has_its_own(memory: Path, tmp_path: Path) -> None:
    one = make_runtime_folder(tmp_path / "one", passable=False)
    other = make_runtime_folder(tmp_path / "other", passable=False)
    assert one.path != other.path
    assert make_runtime_folder(tmp_path / "one" / ".." / "one", passable=False).path == one.path


def test_socket_paths_are_short_enough(memory: Path, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 200) / ("e" * 200)
    folder = make_runtime_folder(deep, passable=False)
    # unix(7): sun_path holds 108 octets with the zero at its end.
    assert len(str(folder.application_socket)) < 107
    assert len(str(folder.database / ".s.PGSQL.5432.lock")) < 107


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_somebody_else_put_there_is_not_used(memory: Path, tmp_path: Path, kind: str) -> None:
    place = make_runtime_folder(tmp_path, passable=False).path
    shutil.rmtree(place)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("stays")
    if kind == "file":
        place.write_text("in the way")
    else:
        place.symlink_to(elsewhere)
    with pytest.raises(CertwrightError) as error:
        make_runtime_folder(tmp_path, passable=False)
    assert error.value.code is ErrorCode.DATA_FOLDER_UNUSABLE
    assert str(place) in error.value.message
    assert (elsewhere / "file").exists()


def test_folder_that_somebody_else_made_there_is_not_used(
    memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = os.geteuid()
    if me != 0:
        # Only root can give a folder away; anybody else becomes the other one.
        monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    place = make_runtime_folder(tmp_path, passable=False).path
    if me == 0:
        os.chown(place, 65534, 65534)
    try:
        with pytest.raises(CertwrightError) as error:
            make_runtime_folder(tmp_path, passable=False)
    finally:
        shutil.rmtree(place)
    assert error.value.code is ErrorCode.DATA_FOLDER_UNUSABLE
    assert str(place) in error.value.message


@pytest.fixture
def disk() -> Iterator[Path]:
    """A folder of this test's own that lies on a disk."""
    mounts = Path("/proc/mounts").read_text()
    for place in (Path("/var/tmp"), Path("/tmp"), Path.cwd()):
        if not is_in_memory(place.resolve(), mounts):
            with tempfile.TemporaryDirectory(dir=place) as folder:
                yield Path(folder)
            return
    pytest.fail("No folder was found that lies on a disk.")


def test_disk_is_never_used_even_when_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, disk: Path
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(disk))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(disk))
    folder = make_runtime_folder(tmp_path, passable=False)
    assert not folder.path.is_relative_to(disk)
    folder.remove()


@pytest.mark.parametrize(
    ("mode_bits", "is_used"), [(0o700, True), (0o1777, True), (0o777, False), (0o770, False)]
)
def test_folder_in_which_others_may_rename_is_not_used(
    memory: Path, tmp_path: Path, mode_bits: int, *, is_used: bool
) -> None:
    memory.chmod(mode_bits)
    folder = make_runtime_folder(tmp_path, passable=False)
    try:
        assert folder.path.is_relative_to(memory) is is_used
    finally:
        folder.remove()


def test_folder_of_another_user_is_not_used(
    memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = os.geteuid()
    if me == 0:
        os.chown(memory, 65534, 65534)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    folder = make_runtime_folder(tmp_path, passable=False)
    try:
        assert not folder.path.is_relative_to(memory)
    finally:
        folder.remove()
