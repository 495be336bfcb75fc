"""What a process keeps for good is not looked through for garbage, and all else is."""

import gc
from collections.abc import Iterator

import pytest

from certwright.node.lasting import lasting


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_nothing_is_looked_through_meanwhile_and_what_came_is_left_out_later() -> None:
    frozen = gc.get_freeze_count()
    with lasting():
        assert not gc.isenabled()
        kept: list[list[int]] = [[] for _ in range(100)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + len(kept)


def test_garbage_is_collected_again_after_a_failure() -> None:
    with pytest.raises(OSError, match="full"), lasting():
        raise OSError("full")
    assert gc.isenabled()
