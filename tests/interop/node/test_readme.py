"""The commands of the README, as they stand there."""

import json
import os
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.conftest import ANY_PORTS
from tests.materials.openssl_authority import OpensslAuthority

from certwright.node.settings import own_names

_ROOT = Path(__file__).parents[3]
_COMMANDS = re.findall(r"^    (make .*)$", (_ROOT / "README.md").read_text(), re.MULTILINE)
_STARTS = [command for command in _COMMANDS if command.startswith("make up")]


def test_readme_has_the_two_commands() -> None:
    assert "make up" in _COMMANDS
    assert "make test" in _COMMANDS
    assert "make test" in (_ROOT / ".ci" / "run").read_text().splitlines()


@pytest.mark.parametrize("command", _STARTS)
def test_make_up_makes_a_node_that_is_ready(command: str, tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements", "scripts", ".venv"):
        (tmp_path / name).symlink_to(_ROOT / name)
    _bring_certificate(tmp_path)
    ready_file = tmp_path / "ready.json"
    environment = {
        **os.environ,
        "CERTWRIGHT_DATA": str(tmp_path / "data"),
        "CERTWRIGHT_READY_FILE": str(ready_file),
    }
    for option, port in zip(ANY_PORTS[::2], ANY_PORTS[1::2], strict=True):
        environment[f"CERTWRIGHT_{option[2:].replace('-', '_').upper()}"] = port
    log_file = tmp_path / "log"
    with log_file.open("w") as log:
        process = subprocess.Popen(
            shlex.split(command),
            cwd=tmp_path,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + 120
    try:
        while not ready_file.exists():
            assert process.poll() is None, log_file.read_text()
            assert time.monotonic() < deadline, log_file.read_text()
            time.sleep(0.05)
        endpoints = json.loads(ready_file.read_text())["endpoints"].values()
        assert {endpoint["proof"]["verdict"] for endpoint in endpoints} == {"pass"}
    finally:
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C on a terminal does
        process.wait(60)


def _bring_certificate(folder: Path) -> None:
    authority = OpensslAuthority.make(folder / "authority")
    name = authority.issue(own_names()[0])
    authority.pfx(name, password="secret").rename(folder / "server.pfx")
    (folder / "password.txt").write_text("secret\n")
