"""A data folder of PostgreSQL."""

from pathlib import Path

import pytest


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "postgresql.conf").write_text("ssl = on")
    return folder
