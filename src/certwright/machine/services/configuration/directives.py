"""A configuration as a tree, whichever program's it is."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Directive:
    """One directive; `block` is what stands within it, () where it is none that has a block."""

    name: str
    arguments: tuple[str, ...]
    block: tuple["Directive", ...] = ()


def values(directives: Sequence[Directive], name: str) -> tuple[str, ...]:
    """The first argument of each directive of that name."""
    return tuple(one.arguments[0] for one in directives if one.name == name and one.arguments)
