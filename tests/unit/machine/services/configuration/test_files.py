"""Files of a configuration: many, but not without end."""

from pathlib import Path

import pytest

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.configuration.files import (
    ConfigurationFiles,
    files_below,
    is_folder,
    is_there,
    matching,
)


def test_files_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("c", "B/a", "b/d/e", "b/a"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    names = ["B/a", "b/a", "b/d/e", "c"]
    assert files_below(tmp_path) == [tmp_path / name for name in names]
    assert matching(f"{tmp_path}/[bc]*") == [tmp_path / "b", tmp_path / "c"]
    assert matching(f"{tmp_path}/none/*") == []


def test_whole_file_systems_are_no_configuration(tmp_path: Path) -> None:
    for number in range(5001):
        (tmp_path / str(number)).touch()
    with pytest.raises(MachineError) as refused:
        files_below(tmp_path)
    assert refused.value.code is FailureCode.TOO_LARGE
    with pytest.raises(MachineError) as refused:
        matching(f"{tmp_path}/*")
    assert refused.value.code is FailureCode.TOO_LARGE


def test_configuration_of_too_many_bytes_is_not_read(tmp_path: Path) -> None:
    file, files = tmp_path / "large.conf", ConfigurationFiles()
    with file.open("wb") as large:
        large.truncate(15 * 1024 * 1024)
    for _ in range(4):
        files.read(file, 0)
    with pytest.raises(MachineError) as refused:
        files.read(file, 0)
    assert refused.value.code is FailureCode.TOO_LARGE


def test_what_may_not_be_looked_at_is_not_there() -> None:
    path = Path("a" * 5000)
    assert not is_folder(path)
    assert not is_there(path)
