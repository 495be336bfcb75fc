"""Where a certificate lies, in the words of Windows: machine, location, store name."""

from dataclasses import dataclass
from enum import StrEnum

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.text import printable

LOCAL = "local"
"""The node's own machine."""


class Location(StrEnum):
    """Whose store it is."""

    LOCAL_MACHINE = "LocalMachine"
    CURRENT_USER = "CurrentUser"

    @property
    def label(self) -> str:
        """What Windows shows."""
        return _LOCATION_TITLES[self]


class StoreName(StrEnum):
    """What the store is for; the value is Windows' system name of it."""

    PERSONAL = "My"
    TRUSTED_ROOT = "Root"
    INTERMEDIATE = "CA"
    TRUSTED_PEOPLE = "TrustedPeople"
    WEB_HOSTING = "WebHosting"

    @property
    def label(self) -> str:
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
    StoreName.TRUSTED_PEOPLE: "Trusted People",
    StoreName.WEB_HOSTING: "Web Hosting",
}


@dataclass(frozen=True)
class Place:
    """One store of one machine."""

    machine: str
    location: str
    store: str

    @property
    def title(self) -> str:
        """How Windows' users say it: Local Machine > Personal."""
        known = self.store in set(StoreName)
        store = StoreName(self.store).label if known else printable(self.store, 64)
        return f"{Location(self.location).label} > {store}"


PERSONAL = Place(LOCAL, Location.LOCAL_MACHINE, StoreName.PERSONAL)
TRUSTED_ROOT = Place(LOCAL, Location.LOCAL_MACHINE, StoreName.TRUSTED_ROOT)
INTERMEDIATE = Place(LOCAL, Location.LOCAL_MACHINE, StoreName.INTERMEDIATE)


def every_place(machine: str = LOCAL) -> tuple[Place, ...]:
    """Every store that the node keeps, location by location."""
    return tuple(Place(machine, location, store) for location in Location for store in StoreName)


_SPELLINGS = {
    "localmachine": Location.LOCAL_MACHINE,
    "currentuser": Location.CURRENT_USER,
    "my": StoreName.PERSONAL,
    "personal": StoreName.PERSONAL,
    "root": StoreName.TRUSTED_ROOT,
    "trustedroot": StoreName.TRUSTED_ROOT,
    "ca": StoreName.INTERMEDIATE,
    "intermediate": StoreName.INTERMEDIATE,
    "trustedpeople": StoreName.TRUSTED_PEOPLE,
    "webhosting": StoreName.WEB_HOSTING,
}


def parse_place(location: str, store: str) -> Place:
    """A store of this machine, by Windows' system names or by the names it shows.

    Raises `CertwrightError` INVALID_INPUT.
    """
    where = _SPELLINGS.get(_plain(location))
    which = _SPELLINGS.get(_plain(store))
    if not isinstance(where, Location) or not isinstance(which, StoreName):
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"There is no store {printable(location)[:40]} > {printable(store)[:40]}.",
            "Locations are LocalMachine and CurrentUser; stores are My (Personal), "
            "Root (Trusted Root), CA (Intermediate), TrustedPeople and WebHosting.",
        )
    return Place(LOCAL, where, which)


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
