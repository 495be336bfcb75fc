"""Files that are closed from the first byte, and never half there."""

import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from certwright.machine.whole_files import UNFINISHED, write_whole


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


def test_leftover_of_a_killed_process_is_neither_read_nor_in_the_way(tmp_path: Path) -> None:
    leftover = tmp_path / f"secret.abc{UNFINISHED}"
    leftover.write_bytes(b"half")
    write_whole(tmp_path / "secret", b"whole")
    assert (tmp_path / "secret").read_bytes() == b"whole"


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
