"""What was once found stays mended: every file in tests/vectors/finds, named after its target."""

from pathlib import Path

import pytest

from .fuzzing import FINDS
from .targets import TARGETS


@pytest.mark.parametrize("find", sorted(FINDS.iterdir()), ids=lambda find: find.name)
def test_find_is_mended(find: Path) -> None:
    TARGETS[find.name.partition(".")[0]].try_one(find.read_bytes())
