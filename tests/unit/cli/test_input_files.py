"""Files that users name may be devices and pipes."""

import os
import threading
from pathlib import Path

import pytest

from certwright.cli import input_files
from certwright.cli.input_files import read_at_most


def test_file_is_read_so_far(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"0123456789" * 300_000)
    assert read_at_most(file, 4) == b"0123"
    assert len(read_at_most(file, 2_000_000)) == 2_000_000
    assert len(read_at_most(file, 4_000_000)) == 3_000_000


def test_device_without_an_end() -> None:
    assert read_at_most(Path("/dev/zero"), 3_000_000) == bytes(3_000_000)
    assert read_at_most(Path("/dev/null"), 10) == b""


def test_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"in time" * 20_000,))
    writer.start()
    assert read_at_most(pipe, 1_000_000) == b"in time" * 20_000
    writer.join()


def test_pipe_that_nobody_writes_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_files, "_PIPE_SECONDS", 0.05)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(TimeoutError) as caught:
        read_at_most(pipe, 10)
    assert caught.value.strerror == "nothing came out of it for 0 seconds"


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read_at_most(tmp_path, 10)
