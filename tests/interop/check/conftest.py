"""An authority of today, and the command that checks what it issues."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.cli.check_files import Made, authority, make, pem

NAME = "todd.corp.example"


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


def pair(folder: Path, leaf: Made, *above: Made) -> Path:
    """Certificate, chain and key in one file."""
    file = folder / f"{leaf.certificate.serial_number:x}.pem"
    file.write_bytes(pem(leaf, *above) + leaf.key_pem())
    return file
