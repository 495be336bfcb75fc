"""What tests with real servers share."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.interop.servers import (
    PROGRAM_PATH,
    Start,
    end,
    end_what_is_left_of,
    program,
    wait_until_it_listens,
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other accounts may enter: some servers leave root's account at once."""
    with tempfile.TemporaryDirectory(prefix="certwright-interop-", dir="/tmp") as name:
        made = Path(name)
        made.chmod(0o755)
        yield made


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Starts a program of a Debian package and waits until it listens; ends it after the test.

    It asks for the folder, which is then deleted when nobody writes into it any more.
    """
    del folder
    running: list[subprocess.Popen[bytes]] = []

    def run(command: list[str], package: str, port: int, account: str | None = None) -> None:
        process = subprocess.Popen(
            [program(command[0], package), *command[1:]],
            # A pipe that says nothing: s_server ends a connection when its input ends.
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": PROGRAM_PATH},
            user=account,
            group=account,
            extra_groups=None if account is None else [],
            process_group=0,
        )
        running.append(process)
        wait_until_it_listens(process, port)

    yield run
    end(running)
    for process in running:
        end_what_is_left_of(process)
