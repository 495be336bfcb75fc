"""Where a certificate lies, in the words of Windows: machine, location, store name."""

from dataclasses import dataclass
from enum import StrEnum

LOCAL = "local"
"""The node's own machine."""


class Location(StrEnum):
    """Whose store it is."""

    LOCAL_MACHINE = "LocalMachine"
    CURRENT_USER = "CurrentUser"

    @property
    def title(self) -> str:
        """What Windows shows."""
        return _LOCATION_TITLES[self]


class StoreName(StrEnum):
    """What the store is for; the value is Windows' system name of it."""

    PERSONAL = "My"
    TRUSTED_ROOT = "Root"
    INTERMEDIATE = "CA"

    @property
    def title(self) -> str:
        """What Windows shows."""
        return _STORE_TITLES[self]


_LOCATION_TITLES = {
    Location.LOCAL_MACHINE: "Local Machine",
    Location.CURRENT_USER: "Current User",
}
_STORE_TITLES = {
    StoreName.PERSONAL: "Personal",
    StoreName.TRUSTED_ROOT: "Trusted Root",
    StoreName.INTERMEDIATE: "Intermediate",
}


@dataclass(frozen=True)
class Place:
    """One store of one machine."""

    machine: str
    location: str
    store: str


PERSONAL = Place(LOCAL, Location.LOCAL_MACHINE, StoreName.PERSONAL)
TRUSTED_ROOT = Place(LOCAL, Location.LOCAL_MACHINE, StoreName.TRUSTED_ROOT)
INTERMEDIATE = Place(LOCAL, Location.LOCAL_MACHINE, StoreName.INTERMEDIATE)
