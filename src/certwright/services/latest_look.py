"""What a service's configuration says that is not on record, as of the latest look at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from certwright.machine.services.service import FoundEndpoint
from certwright.services.endpoints import Endpoint
from certwright.x509.text import listed


@dataclass(frozen=True)
class LatestLook:
    """Endpoints by what their service calls them, and when that was seen; None for not yet.

    `new` are not cared for, `gone` are not in the configuration any more, `changed` have other
    names or addresses there. `failure` says why the configuration could not be read, "" where it
    could: what else stands here was seen the time before, then.
    """

    at: datetime | None = None
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    failure: str = ""

    @property
    def differences(self) -> tuple[tuple[str, ...], ...]:
        """What taking it on would change; all of them are () where nothing differs."""
        return (self.new, self.gone, self.changed)

    @property
    def differs(self) -> bool:
        """Whether there is anything to take on."""
        return any(self.differences)

    @property
    def sentence(self) -> str:
        """What an administrator should know, "" for nothing."""
        return " ".join(filter(None, (self._new, self._gone, self._changed, self._failure)))

    @property
    def document(self) -> dict[str, Any]:
        """As it is kept; `read_look` reads it."""
        return {
            "at": self.at.isoformat() if self.at else None,
            "new": list(self.new),
            "gone": list(self.gone),
            "changed": list(self.changed),
            "failure": self.failure,
        }

    @property
    def _new(self) -> str:
        if not self.new:
            return ""
        how_many = "a server that is" if len(self.new) == 1 else f"{len(self.new)} servers that are"
        return f"Its configuration has {how_many} not cared for yet: {listed(self.new)}."

    @property
    def _gone(self) -> str:
        verb = "is" if len(self.gone) == 1 else "are"
        return f"No longer in it {verb}: {listed(self.gone)}." if self.gone else ""

    @property
    def _changed(self) -> str:
        verb = "has" if len(self.changed) == 1 else "have"
        if not self.changed:
            return ""
        return f"{listed(self.changed)} {verb} other names or addresses there now."

    @property
    def _failure(self) -> str:
        return f"Its configuration could not be looked at. {self.failure}" if self.failure else ""


NOT_YET = LatestLook()
"""Of a service that nobody looked at again yet."""


def compare(
    recorded: Sequence[Endpoint], found: Sequence[FoundEndpoint], at: datetime
) -> LatestLook:
    """Pure: what is found in a configuration now, held against what is on record."""
    known = {called(one): one for one in recorded}
    there = {one.name: one for one in found}
    return LatestLook(
        at=at,
        new=tuple(name for name in there if name not in known),
        gone=tuple(name for name in known if name not in there),
        changed=tuple(
            name for name, one in there.items() if name in known and _is_other(known[name], one)
        ),
    )


def called(endpoint: Endpoint) -> str:
    """What its service calls an endpoint."""
    return endpoint.name.partition("/")[2]


def read_look(document: Mapping[str, Any] | None) -> LatestLook:
    """What `LatestLook.document` wrote; None stands for `NOT_YET`."""
    if document is None:
        return NOT_YET
    return LatestLook(
        at=datetime.fromisoformat(document["at"]) if document["at"] else None,
        new=tuple(document["new"]),
        gone=tuple(document["gone"]),
        changed=tuple(document["changed"]),
        failure=document["failure"],
    )


def _is_other(recorded: Endpoint, found: FoundEndpoint) -> bool:
    """A configuration that tells no names leaves those of the certificate on record."""
    names = found.names or recorded.names
    return (names, found.addresses) != (recorded.names, recorded.addresses)
