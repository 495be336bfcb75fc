"""A certificate of today for localhost, its sets unpacked, and the real programs that take them."""

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.interop.servers import PROGRAM_PATH, program
from tests.materials.ready_sets import Unpacked, unpack
from tests.unit.foreign_authority import ForeignAuthority, Issued

from certwright.x509.writing.sets.ready_set import Material, ReadySet

PASSWORD = "correct horse"
NAME = "localhost"
_NOW = datetime.now(UTC)

MakeSet = Callable[[ReadySet], Unpacked]


@pytest.fixture(scope="session")
def issued() -> Issued:
    """Of an authority with an intermediate and a root."""
    return ForeignAuthority(_NOW, "Company").issue([NAME, "alias.corp.example"])


@pytest.fixture
def make_set(issued: Issued, folder: Path) -> MakeSet:
    """Makes a set and lays its files down in the folder, with the permissions of the ZIP."""

    def make(ready_set: ReadySet) -> Unpacked:
        password = PASSWORD if ready_set.needs_password else ""
        unpacked = unpack(
            ready_set, Material(issued.leaf, issued.chain, issued.key, password), _NOW
        )
        for name, content in unpacked.files.items():
            (folder / name).write_bytes(content)
            (folder / name).chmod(unpacked.modes[name])
        return unpacked

    return make


def run(command: list[str], package: str, *, given: str = "", account: str | None = None) -> str:
    """A program to its good end; returns what it says."""
    done = subprocess.run(
        [program(command[0], package), *command[1:]],
        input=given,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=60,
        env={"PATH": PROGRAM_PATH, "LANG": "C.UTF-8"},
        user=account,
        group=account,
        extra_groups=None if account is None else [],
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def account_of(name: str) -> str | None:
    """The account a server runs under when the tests run as root, else theirs."""
    return name if os.geteuid() == 0 else None
