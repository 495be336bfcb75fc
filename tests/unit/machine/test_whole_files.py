"""Files that are closed from the first byte, and never half there."""

import os
import resource
import stat
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from certwright.machine.unfinished_files import UNFINISHED
from certwright.machine.whole_files import write_whole


@pytest.fixture
def open_umask() -> Iterator[None]:
    former = os.umask(0)
    yield
    os.umask(former)


@pytest.mark.usefixtures("open_umask")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    write_whole(file, b"secret")
    assert file.read_bytes() == b"secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_it_replaces_a_former_one_and_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"former")
    file.chmod(0o644)
    write_whole(file, b"new")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.usefixtures("open_umask")
def test_others_may_read_it_where_that_is_said(tmp_path: Path) -> None:
    write_whole(tmp_path / "public", b"for all", 0o644)
    assert stat.S_IMODE((tmp_path / "public").stat().st_mode) == 0o644


_BE_KILLED = """
import os, signal, sys
from pathlib import Path
from certwright.machine.open_folders import open_folder
from certwright.machine.whole_files import Access, write_whole_in
path = Path(sys.argv[1])
def be_killed():
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    print("written", flush=True)
    sys.stdin.read()
with open_folder(path.parent) as folder:
    write_whole_in(folder, path.name, b"half", Access(), be_killed)
"""


def test_left_over_of_a_killed_process_goes_when_the_same_file_is_written(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    other = tmp_path / f".secrets.0123abcd{UNFINISHED}"
    other.write_bytes(b"another file's")
    command = [sys.executable, "-c", _BE_KILLED, str(file), "killed"]
    assert subprocess.run(command, check=False).returncode == -9
    (left_over,) = set(tmp_path.iterdir()) - {other}
    assert left_over.read_bytes() == b"half"
    write_whole(file, b"whole")
    assert file.read_bytes() == b"whole"
    assert set(tmp_path.iterdir()) == {file, other}


def test_what_another_process_is_writing_at_this_moment_is_no_left_over(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    command = [sys.executable, "-c", _BE_KILLED, str(file), "waits"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writing:
        assert writing.stdout is not None
        assert writing.stdout.readline() == b"written\n"
        write_whole(file, b"whole")
        assert len(list(tmp_path.iterdir())) == 2
        writing.communicate(b"")
    assert writing.returncode == 0
    assert file.read_bytes() == b"half"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_file_of_another_account_is_no_left_over_of_ours(tmp_path: Path) -> None:
    theirs = tmp_path / f".secret.0123abcd{UNFINISHED}"
    theirs.write_bytes(b"theirs")
    os.chown(theirs, 1234, 1234)
    write_whole(tmp_path / "secret", b"whole")
    assert theirs.exists()


def test_a_link_or_a_folder_of_such_a_name_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"target")
    link, folder = (tmp_path / f".secret.0123456{n}{UNFINISHED}" for n in (1, 2))
    link.symlink_to(target)
    folder.mkdir()
    write_whole(tmp_path / "secret", b"whole")
    assert target.read_bytes() == b"target"
    assert link.is_symlink()
    assert folder.is_dir()


@pytest.mark.skipif(sys.platform != "linux", reason="access lists of another kind there")
def test_whom_its_folder_lets_in_by_default_is_not_let_in(tmp_path: Path) -> None:
    entries = ((0x01, 6, -1), (0x02, 6, 1234), (0x04, 4, -1), (0x10, 6, -1), (0x20, 0, -1))
    packed = b"".join(struct.pack("<HHi", tag, rights, account) for tag, rights, account in entries)
    os.setxattr(tmp_path, "system.posix_acl_default", struct.pack("<I", 2) + packed)
    write_whole(tmp_path / "secret", b"secret", 0o640)
    assert "system.posix_acl_access" not in os.listxattr(tmp_path / "secret")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o640


_WRITE_A_LOT = """
import signal, sys
from pathlib import Path
from certwright.machine.whole_files import write_whole
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    write_whole(Path(sys.argv[1]), bytes(100_000))
except OSError:
    sys.exit(7)
"""


def test_full_disk_leaves_the_former_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    write_whole(file, b"former")
    result = subprocess.run(
        [sys.executable, "-c", _WRITE_A_LOT, str(file)],
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    assert result.returncode == 7
    assert file.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [file]
