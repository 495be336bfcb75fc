"""A node's processes: kept up in the order they began, stopped in the reverse of it."""

import os
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from certwright.node.processes import Program, SupervisedProcess
from certwright.node.supervision import Supervisor

SECONDS = 20.0


class Asked(Exception):  # noqa: N818 - as in the product: no error
    """Somebody asked to stop."""


def go_on() -> None:
    """Nobody asked to stop."""


def ended(supervisor: Supervisor) -> Path:
    """Where each process says its name at its end."""
    return supervisor.log_folder.parent / "ended"


def waiting(supervisor: Supervisor, name: str) -> SupervisedProcess:
    """A process that says its name when it is asked to stop, kept up by `supervisor`."""
    says = (
        f"import signal, sys, time; out = open({str(ended(supervisor))!r}, 'a'); "
        f"signal.signal(signal.SIGTERM, lambda *_: (out.write('{name} '), sys.exit())); "
        "print('up', flush=True); time.sleep(100)"
    )
    program = Program(name, [sys.executable, "-c", says], supervisor.log_file(name), os.environ)
    process = supervisor.run(SupervisedProcess(lambda _: program), SECONDS)
    wait_until_up(supervisor, name, 1)
    return process


def wait_until_up(supervisor: Supervisor, name: str, times: int) -> None:
    deadline = time.monotonic() + SECONDS
    while supervisor.log_file(name).read_text().count("up") < times:
        assert time.monotonic() < deadline, f"{name} did not come up"
        supervisor.watch_once()
        time.sleep(0.01)


def test_what_ends_is_started_again(tmp_path: Path) -> None:
    with ExitStack() as stack:
        supervisor = Supervisor(stack, tmp_path / "log", go_on)
        process = waiting(supervisor, "database")
        assert process.process_id is not None
        os.kill(process.process_id, signal.SIGKILL)
        wait_until_up(supervisor, "database", 2)


def test_what_began_last_is_stopped_first(tmp_path: Path) -> None:
    with ExitStack() as stack:
        supervisor = Supervisor(stack, tmp_path / "log", go_on)
        for name in ("database", "front", "worker"):
            waiting(supervisor, name)
    assert ended(supervisor).read_text().split() == ["worker", "front", "database"]


def test_nothing_begins_once_somebody_asked_to_stop(tmp_path: Path) -> None:
    def stop() -> None:
        raise Asked

    with ExitStack() as stack:
        supervisor = Supervisor(stack, tmp_path / "log", stop)
        with pytest.raises(Asked):
            supervisor.run_own("worker", "certwright.node.worker", SECONDS)
        with pytest.raises(Asked):
            supervisor.watch_once()
    assert not (tmp_path / "log").exists()
