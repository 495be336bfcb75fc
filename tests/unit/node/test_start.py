"""The way up keeps no process waiting for what only later steps need."""

import subprocess
import sys

HEAVY = ("sqlalchemy", "cryptography.x509", "pydantic", "fastapi")


def test_the_processes_begin_before_the_heavy_libraries_are_loaded() -> None:
    looked = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, certwright.cli.up, certwright.node.start; print(*sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(looked.stdout.split())
    assert "certwright.node.start" in loaded
    assert loaded.isdisjoint(HEAVY)
