"""The tree of stores at the left of a window: each store with how many certificates it holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from certwright.stores.place import Location, Place, StoreName


@dataclass(frozen=True)
class Branch:
    """A store in the tree."""

    place: Place
    count: int
    address: str

    @property
    def location(self) -> Location:
        """Whose store it is."""
        return Location(self.place.location)

    @property
    def title(self) -> str:
        """The store's name."""
        return StoreName(self.place.store).label


def store_tree(
    places: Sequence[Place], counts: Mapping[Place, int], address_of: Callable[[Place], str]
) -> tuple[Branch, ...]:
    """Pure: a branch for each of `places`, in their order."""
    return tuple(Branch(place, counts.get(place, 0), address_of(place)) for place in places)
