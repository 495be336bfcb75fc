"""What tests with real servers share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other accounts may enter: some servers leave root's account at once."""
    with tempfile.TemporaryDirectory(prefix="certwright-interop-", dir="/tmp") as name:
        made = Path(name)
        made.chmod(0o755)
        yield made
