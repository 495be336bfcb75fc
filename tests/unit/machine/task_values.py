"""Any task and any result, for tests that hold for all of them."""

import types
from dataclasses import is_dataclass
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

NOT_A_NUL = st.characters(codec="utf-8", exclude_characters="\0")


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Whatever may stand where `kind` is declared."""
    if get_origin(kind) is tuple:
        return st.lists(values_of(get_args(kind)[0]), max_size=3).map(tuple)
    if isinstance(kind, types.UnionType):
        return st.one_of([values_of(one) for one in get_args(kind)])
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{name: values_of(hint) for name, hint in hints.items()})
    if issubclass(kind, StrEnum):
        return st.sampled_from(list(kind))
    simple: dict[type, st.SearchStrategy[Any]] = {
        str: st.text(NOT_A_NUL),
        int: st.integers(-(2**53), 2**53),
        bytes: st.binary(),
        bool: st.booleans(),
        types.NoneType: st.none(),
    }
    return simple[kind]
