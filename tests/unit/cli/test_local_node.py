"""The note that a running node leaves in its data folder."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from certwright.cli.local_node import find_local_node
from certwright.errors import CertwrightError, ErrorCode

from .conftest import TOKEN, write_note


def refusal(data: Path) -> CertwrightError:
    with pytest.raises(CertwrightError) as refused:
        find_local_node(data)
    return refused.value


def test_running_node_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    path = Path("app.sock")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        write_note(tmp_path, os.getpid(), path)
        found = find_local_node(tmp_path)
    assert (found.socket, found.token) == (path, TOKEN)
    assert TOKEN not in repr(found)


def test_process_number_was_given_to_another(tmp_path: Path) -> None:
    write_note(tmp_path, os.getpid(), tmp_path / "app.sock")
    assert refusal(tmp_path).code is ErrorCode.NODE_NOT_RUNNING


def test_no_node_has_run_there(tmp_path: Path) -> None:
    missing = refusal(tmp_path / "none")
    assert missing.code is ErrorCode.NODE_NOT_RUNNING
    assert missing.remedy.endswith(f"start it: certwright up --data {tmp_path / 'none'}")


def test_node_was_killed(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(30)
    write_note(tmp_path, ended.pid, tmp_path / "app.sock")
    assert refusal(tmp_path).code is ErrorCode.NODE_NOT_RUNNING


@pytest.mark.parametrize(
    "note",
    ["", "{", "[]", "{}", '{"pid": "x", "socket": "/s", "token": "t"}', "\x00", "null"],
)
def test_broken_note(tmp_path: Path, note: str) -> None:
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "local.json").write_text(note)
    assert refusal(tmp_path).code is ErrorCode.NODE_NOT_RUNNING


@pytest.mark.parametrize("process", [0, -1, 2**70])
def test_impossible_process(tmp_path: Path, process: int) -> None:
    write_note(tmp_path, process, tmp_path / "app.sock")
    assert refusal(tmp_path).code is ErrorCode.NODE_NOT_RUNNING


def test_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file").code is ErrorCode.NODE_NOT_RUNNING
