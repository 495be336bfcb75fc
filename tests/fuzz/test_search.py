"""A short search, guided by coverage, finds nothing new; `make fuzz` searches longer."""

from pathlib import Path

import pytest

from .fuzzing import fuzz
from .targets import TARGETS

SECONDS = 1


@pytest.mark.parametrize("name", TARGETS)
def test_search_finds_nothing(name: str, tmp_path: Path) -> None:
    outcome = fuzz(name, SECONDS, tmp_path, seed=1)
    assert outcome.is_clean, outcome.report
    assert outcome.runs > 100
