"""What of the front changes while the node runs, kept where each of its processes finds it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from certwright.front.files import read_json, write_json
from certwright.front.validation import Validation, from_json, to_json
from certwright.services.endpoints import WebServerProtocol


@dataclass(frozen=True)
class FrontState:
    """The Web Server's protocol, and the validations that authorities are about to make."""

    protocol: WebServerProtocol
    validations: tuple[Validation, ...] = ()


def read_state(path: Path) -> FrontState:
    """What `write_state` wrote last."""
    document = read_json(path)
    return FrontState(
        WebServerProtocol(document["protocol"]),
        tuple(map(from_json, document["validations"])),
    )


def write_state(path: Path, state: FrontState) -> None:
    """Keep it; raises FRONT_FAILED. The file holds the private keys of validations."""
    validations = [to_json(one) for one in state.validations]
    write_json(path, {"protocol": state.protocol.value, "validations": validations})


@contextmanager
def turn(lock: Path) -> Iterator[None]:
    """Wait until no other thread or process changes the state; a killed one waits for nobody."""
    with lock.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
