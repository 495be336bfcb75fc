"""What the suite of `Service` needs to know of a kind: how to start it, and what it serves."""

import os
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha1
from pathlib import Path

from certwright.machine.handshake import StartTls, shake_hands
from certwright.machine.services.service import Material, Service, ServiceReference
from certwright.x509.keys import private_key_to_pem

from ...unit.foreign_authority import Issued

LOOPBACK = "127.0.0.1"
NAME = "service.corp.example"
"""What the service is called by; every certificate of the suite is for it."""
State = Mapping[Path, tuple[bytes, int, int, int]]


class Feature(StrEnum):
    """What a kind may lack; the tests of it are not for that kind then."""

    FILES = "its choice stands in files of this machine"
    PAIRS = "it is given a private key, and looks whether that fits"


@dataclass(frozen=True)
class ServiceAdapter:
    """A running service that serves `current` at one endpoint.

    `files` are those that a selection writes, () for a kind that lacks FILES. `served` is the
    thumbprint that a new client sees at this moment. `material` makes of the certificate to
    select, and of the one it replaces, what `select` takes.
    """

    service: Service
    endpoint: str
    current: Issued
    served: Callable[[], str]
    material: Callable[[Issued, Issued], Material]
    files: Sequence[Path] = ()
    reference: ServiceReference | None = None
    """By which the node knows it, where the whole way of a renewal is tried with it."""

    def state(self) -> State:
        """Content, mode and owner of everything in the folders of its files."""
        folders = {file.parent for file in self.files}
        found = [path for folder in folders for path in folder.iterdir() if path.is_file()]
        return {path: _content_and_access(path) for path in found}


Running = Callable[[Path, Issued], AbstractContextManager[ServiceAdapter]]
"""Starts the service in a folder that every account may enter, with a certificate for NAME."""


@dataclass(frozen=True)
class Kind:
    """An entry of the suite's table."""

    running: Running
    lacks: frozenset[Feature] = frozenset()


def pem_material(issued: Issued, former: Issued) -> Material:
    """As kinds take it that read PEM: chain without the root, and the key."""
    return Material(
        thumbprint=issued.leaf.thumbprint,
        former_thumbprint=former.leaf.thumbprint,
        chain=pem_chain(issued),
        private_key=private_key_to_pem(issued.key),
    )


def pem_chain(issued: Issued) -> str:
    """Leaf and intermediate."""
    return "".join(one.pem for one in (issued.leaf, *issued.chain[:1]))


def served_at(port: int, starttls: StartTls | None = None) -> Callable[[], str]:
    """By a handshake with this machine."""

    def served() -> str:
        hands = shake_hands(LOOPBACK, port, NAME, starttls=starttls, timeout_seconds=30)
        return sha1(hands.chain[0], usedforsecurity=False).hexdigest()

    return served


def wait_until_written(path: Path) -> None:
    """Some programs name their process a moment after they listen."""
    deadline = time.monotonic() + 20
    while not (path.exists() and path.read_bytes().endswith(b"\n")):
        assert time.monotonic() < deadline, path
        time.sleep(0.01)


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Nothing in the folder can be changed meanwhile, not even by root."""
    if os.geteuid() != 0:
        mode = folder.stat().st_mode
        folder.chmod(0o555)
        yield
        folder.chmod(mode)
        return
    subprocess.run(["chattr", "+i", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", str(folder)], check=True)


def _content_and_access(path: Path) -> tuple[bytes, int, int, int]:
    status = path.stat()
    return path.read_bytes(), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid
