"""Whatever becomes of a good file on its way: it is read or refused, and quickly."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...fuzz.mutations import mutated
from ...fuzz.targets import TARGETS


@cache
def seeds(name: str) -> tuple[bytes, ...]:
    return tuple(TARGETS[name].seeds())


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
def test_mutated_file_is_read_or_refused(name: str, data: st.DataObject) -> None:
    seed, other = (data.draw(st.sampled_from(seeds(name))) for _ in range(2))
    TARGETS[name].try_one(data.draw(mutated(seed, other)))
