"""Files that are replaced in one step, and folders that nobody else can enter."""

import json
import stat
import threading
from pathlib import Path

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.files import FrontFiles, read_json, write_json


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_are_closed_and_left_overs_dropped(tmp_path: Path) -> None:
    files = FrontFiles(tmp_path / "front")
    files.make_folders()
    left_over = files.secrets / "web-server.json.abc.unfinished"
    left_over.write_text("half a key")
    files.secrets.chmod(0o755)
    files.make_folders()
    assert not left_over.exists()
    assert (_mode(files.folder), _mode(files.secrets)) == (0o700, 0o700)


def test_file_is_the_owners_alone_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    assert read_json(path) == {}
    write_json(path, {"a": [1]})
    assert read_json(path) == {"a": [1]}
    assert _mode(path) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.json"]


def test_what_cannot_be_written_leaves_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_json(path, {"former": True})
    with pytest.raises(TypeError):
        write_json(path, {"new": object()})
    assert read_json(path) == {"former": True}
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.json"]


def test_file_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(CertwrightError) as error:
        write_json(tmp_path / "gone" / "file.json", {})
    assert error.value.code is ErrorCode.FRONT_FAILED
    assert "No such file or directory" in error.value.message


def test_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_json(path, {"text": ""})
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            write_json(path, {"text": "x" * 100_000})

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(300):
        assert set(json.loads(path.read_text())["text"]) <= {"x"}
    stop.set()
    writer.join()
