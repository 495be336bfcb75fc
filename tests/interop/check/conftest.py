"""An authority of today, and programs that serve what it issues, on loopback ports."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.cli.check_files import Made, authority, make, pem

LOOPBACK, NAME = "127.0.0.1", "todd.corp.example"
_PATH = "/usr/sbin:/usr/bin:/usr/local/bin:/bin"


@dataclass(frozen=True)
class Corp:
    """A root, what issues below it, and the file with the root."""

    root: Made
    issuing: Made
    trust: Path

    def leaf(self, name: str = NAME, *extensions: Any, **more: Any) -> Made:
        begin = datetime.now(UTC) - timedelta(10)
        return make(self.issuing, name, (name,), *extensions, **{"start": begin, **more})


@pytest.fixture
def corp(tmp_path: Path) -> Corp:
    begin = datetime.now(UTC) - timedelta(100)
    root = authority("Corp Root", start=begin)
    issuing = authority("Corp Issuing", root, start=begin)
    trust = tmp_path / "root.pem"
    trust.write_bytes(root.pem)
    return Corp(root, issuing, trust)


@dataclass(frozen=True)
class Outcome:
    """How `certwright check --json` ended."""

    exit_code: int
    document: Any

    @property
    def codes(self) -> list[str]:
        return [f"{one['code']} {one['severity']}" for one in self.document["findings"]]


Check = Callable[..., Outcome]


@pytest.fixture
def check(corp: Corp) -> Check:
    """The command itself, for the name and the root of `corp`."""

    def run(source: str | Path, *options: str, name: str = NAME) -> Outcome:
        asked = ["--for", name, "--trust", str(corp.trust), "--environment", "production"]
        command = [sys.executable, "-m", "certwright", "check", str(source), *asked, "--json"]
        ended = subprocess.run(
            [*command, *options], capture_output=True, text=True, timeout=60, check=False
        )
        assert "Traceback" not in ended.stderr
        return Outcome(ended.returncode, json.loads(ended.stdout or ended.stderr))

    return run


Start = Callable[[list[str], int], None]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a program, waits until it listens, and ends it after the test."""
    running: list[subprocess.Popen[bytes]] = []

    def run(command: list[str], port: int) -> None:
        if shutil.which(command[0], path=_PATH) is None:
            pytest.fail(f"The Debian package of {command[0]} is not installed.")
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": _PATH},
        )
        running.append(process)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection((LOOPBACK, port), 1).close()
            except OSError:
                assert process.poll() is None, f"{command[0]} ended by itself"
                assert time.monotonic() < deadline, f"{command[0]} does not listen"
                time.sleep(0.02)
            else:
                return

    yield run
    for process in running:
        process.kill()
        process.communicate(timeout=20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def pair(folder: Path, leaf: Made, *above: Made) -> Path:
    """Certificate, chain and key in one file."""
    file = folder / f"{leaf.certificate.serial_number:x}.pem"
    file.write_bytes(pem(leaf, *above) + leaf.key_pem())
    return file
