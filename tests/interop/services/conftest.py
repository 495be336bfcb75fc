"""The services of the contract's suite, each with a first certificate."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.contract.services.adapter import NAME, Running, ServiceAdapter
from tests.unit.foreign_authority import ForeignAuthority, Issued

_NOW = datetime.now(UTC)

StartService = Callable[[Running], ServiceAdapter]


def make() -> Issued:
    """A certificate for the service, of an authority of its own."""
    return ForeignAuthority(_NOW).issue([NAME])


@pytest.fixture
def start_service(folder: Path) -> Iterator[StartService]:
    """Starts one service, and ends it after the test."""
    with ExitStack() as stack:
        yield lambda running: stack.enter_context(running(folder, make()))
