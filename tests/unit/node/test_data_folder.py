"""The data folder: closed, one node's at a time, and never somebody's home."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.node.data_folder import data_folder

_HOLD = """
import sys, time
from pathlib import Path
from certwright.node.data_folder import data_folder
with data_folder(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def refusal(folder: Path) -> CertwrightError:
    with pytest.raises(CertwrightError) as error, data_folder(folder):
        pytest.fail("the folder was taken")
    return error.value


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the data folder."""
    command = [sys.executable, "-c", _HOLD, str(tmp_path / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_folder_is_made_closed(tmp_path: Path) -> None:
    with data_folder(tmp_path / "a" / "b" / "data") as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_folder_that_was_open_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o755)
    with data_folder(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_running_node_keeps_its_folder(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    error = refusal(tmp_path / "data")
    assert error.code is ErrorCode.DATA_FOLDER_IN_USE
    assert f"process {holder.pid}" in error.message
    assert "--data" in error.remedy


def test_killed_node_leaves_its_folder_free(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait(10)
    with data_folder(tmp_path / "data"):
        pass


def test_child_processes_do_not_keep_the_lock(tmp_path: Path) -> None:
    with data_folder(tmp_path / "data"):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with child, data_folder(tmp_path / "data"):
        child.kill()


def test_folder_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), data_folder(tmp_path / "data"):
        raise RuntimeError
    with data_folder(tmp_path / "data"):
        pass


def test_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "letter.txt").write_text("dear")
    error = refusal(folder)
    assert error.code is ErrorCode.DATA_FOLDER_UNUSABLE
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert [entry.name for entry in folder.iterdir()] == ["letter.txt"]


def test_folder_of_another_account_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    with data_folder(folder):
        pass
    folder.chmod(0o755)
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    error = refusal(folder)
    assert error.code is ErrorCode.DATA_FOLDER_UNUSABLE
    assert "another account" in error.message
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


@pytest.mark.parametrize("name", ["certwright.toml", "lost+found"])
def test_configuration_and_a_fresh_file_system_are_no_other_files(
    tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / name).mkdir()
    with data_folder(folder):
        pass


def test_keys_that_were_copied_into_a_new_folder_are_no_other_files(tmp_path: Path) -> None:
    for name in ("key-encryption.key", "key-encryption.salt", "service-seal.key", "node-name"):
        (tmp_path / name).touch(0o600)
    with data_folder(tmp_path):
        assert (tmp_path / "key-encryption.key").exists()


def test_key_of_another_account_is_not_taken_for_a_new_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key-encryption.key").touch(0o600)
    lstat = Path.lstat

    def foreign(path: Path) -> os.stat_result:
        found = list(lstat(path))
        found[stat.ST_UID] += 1
        return os.stat_result(found)

    monkeypatch.setattr(Path, "lstat", foreign)
    error = refusal(tmp_path)
    assert error.code is ErrorCode.DATA_FOLDER_UNUSABLE
    assert "belongs to another account" in error.message
    assert "chown" in error.remedy


@pytest.mark.parametrize("place", ["file", "file/data", "/proc/data", "/dev/null"])
def test_folder_that_cannot_be_is_told_of(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / place
    error = refusal(folder)
    assert error.code is ErrorCode.DATA_FOLDER_UNUSABLE
    assert str(folder) in error.message
    assert "--data" in error.remedy


def test_folder_that_may_not_be_written_is_told_of(tmp_path: Path) -> None:
    """As an ordinary user, for root may write everywhere."""
    folder = tmp_path / "closed"
    folder.mkdir()
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if os.geteuid() == 0 and parent.stat().st_uid == 0 and "pytest" in parent.name:
            parent.chmod(0o755)
    folder.chmod(0o555)
    script = f"""
import os, sys
from certwright.errors import CertwrightError
from certwright.node.data_folder import data_folder
from pathlib import Path
if os.geteuid() == 0:
    os.setgid(65534); os.setuid(65534)
try:
    with data_folder(Path({str(folder / "data")!r})):
        print("taken")
except CertwrightError as error:
    print(error.code, error.message)
"""
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout.startswith("data-folder-unusable")
    assert "Permission denied" in result.stdout
