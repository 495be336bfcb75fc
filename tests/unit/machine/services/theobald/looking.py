"""What lies in an installation folder, what is chosen there, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from certwright.machine.failures import MachineError
from certwright.machine.services.theobald.service import (
    TheobaldService,
)


def beside(file: Path, ending: str) -> Path:
    return file.with_name(f".{file.name}{ending}")


def state(folder: Path) -> dict[Path, tuple[bytes, int, int]]:
    """Content, mode and time of change of every file."""
    return {
        path: (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def chosen(installed: TheobaldService) -> dict[str, str]:
    return {one.name: one.thumbprint for one in installed.find().endpoints}


def refused(call: Callable[[], object]) -> MachineError:
    with pytest.raises(MachineError) as raised:
        call()
    assert raised.value.message.endswith(".")
    assert raised.value.remedy.endswith(".")
    return raised.value
