"""The programs of a node: started again when they end, and gone when the node is."""

import itertools
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from certwright.database.account import database_account
from certwright.node.processes import Program, SupervisedProcess

_WAIT = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(100)"]
_DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); time.sleep(100)",
]
_CRASH = [sys.executable, "-c", "print('up', flush=True)"]

Starter = Callable[..., SupervisedProcess]


def is_running(process_id: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        content = Path(f"/proc/{process_id}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return content.rpartition(")")[2].split()[0] not in {"Z", "X"}


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.005)


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    return tmp_path / "log" / "program.log"


@pytest.fixture
def supervise(log_file: Path) -> Iterator[Starter]:
    """Starts programs, and ends those that are left."""
    started: list[SupervisedProcess] = []

    def start(command: Sequence[str], *, reads_briefing: bool = False) -> SupervisedProcess:
        program = Program(
            "program", command, log_file, dict(os.environ), reads_briefing=reads_briefing
        )
        process = SupervisedProcess(lambda _: program)
        started.append(process)
        process.start()
        return process

    yield start
    for process in started:
        process.stop(1)


def number_of(process: SupervisedProcess) -> int:
    assert process.process_id is not None
    return process.process_id


def test_ended_program_is_started_again(supervise: Starter, log_file: Path) -> None:
    process = supervise(_WAIT)
    first = number_of(process)
    wait_until(lambda: "up" in log_file.read_text())
    os.kill(first, signal.SIGKILL)
    wait_until(process.has_ended)

    def is_up_again() -> bool:
        process.watch()
        return log_file.read_text().count("up") == 2

    wait_until(is_up_again)
    assert number_of(process) != first
    assert not process.has_ended()


def test_who_watches_the_node_is_told_what_ended_how(
    supervise: Starter, log_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    crashed, killed = supervise(_CRASH), supervise(_WAIT)
    assert killed.process_id is not None
    os.kill(killed.process_id, signal.SIGKILL)
    for process, how in ((crashed, "with exit code 0"), (killed, "by signal 9")):
        wait_until(process.has_ended)
        process.watch()
        assert capsys.readouterr().err == (
            f"certwright: the process program ended {how} and is started again. "
            f"Its log is {log_file}.\n"
        )


def test_running_program_is_left_alone(supervise: Starter) -> None:
    process = supervise(_WAIT)
    first = number_of(process)
    for _ in range(10):
        process.watch()
    assert number_of(process) == first


def test_pause_grows_while_it_keeps_ending(supervise: Starter, log_file: Path) -> None:
    process = supervise(_CRASH)
    starts: list[tuple[float, float]] = []
    begun = time.monotonic()

    def watch() -> bool:
        before = time.monotonic()
        process.watch()
        count = log_file.read_text().count("up")
        if count > len(starts):
            starts.append((before, time.monotonic()))
        return len(starts) == 4

    wait_until(watch, 20)
    # A start is seen between two moments, and its end may be seen in between too.
    pauses = [later[1] - earlier[0] for earlier, later in itertools.pairwise(starts)]
    assert pauses[0] >= 0.1
    assert pauses[1] >= 0.2
    assert pauses[2] >= 0.4
    assert time.monotonic() - begun < 20


def test_stopped_program_is_gone_and_stays_so(supervise: Starter, log_file: Path) -> None:
    process = supervise(_WAIT)
    number = number_of(process)
    wait_until(lambda: "up" in log_file.read_text())
    process.stop(5)
    assert not is_running(number)
    process.watch()
    assert process.process_id is None
    process.stop(5)  # once more does no harm


def test_deaf_program_is_killed_when_its_time_is_over(supervise: Starter, log_file: Path) -> None:
    process = supervise(_DEAF)
    number = number_of(process)
    wait_until(lambda: "up" in log_file.read_text())
    begun = time.monotonic()
    process.stop(0.3)
    assert time.monotonic() - begun >= 0.3
    assert not is_running(number)


def test_program_that_waits_for_its_restart_is_not_started_by_a_stop(supervise: Starter) -> None:
    process = supervise(_CRASH)
    wait_until(process.has_ended)
    process.watch()  # begins the pause
    process.stop(1)
    process.watch()
    assert process.process_id is None


def test_log_is_closed_to_others_and_turned_over_when_large(
    supervise: Starter, log_file: Path
) -> None:
    log_file.parent.mkdir()
    with log_file.open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    supervise(_WAIT)
    wait_until(lambda: "up" in log_file.read_text())
    assert stat.S_IMODE(log_file.stat().st_mode) == 0o600
    assert log_file.stat().st_size < 1000
    assert log_file.with_suffix(".log.1").stat().st_size == 11 * 1024 * 1024


_READ = [sys.executable, "-c", "import sys; print('told ' + sys.stdin.read(), flush=True)"]


def test_what_it_has_to_know_is_told_at_every_start_and_stands_nowhere(
    supervise: Starter, log_file: Path
) -> None:
    process = supervise(_READ, reads_briefing=True)
    process.brief(b"the-secret")
    command_line = Path(f"/proc/{number_of(process)}/cmdline").read_bytes()
    assert b"the-secret" not in command_line

    def told_twice() -> bool:
        process.watch()
        return log_file.read_text().count("told the-secret") == 2

    wait_until(told_twice)


_NODE = """
import json, os, sys, time
from pathlib import Path
from certwright.node.processes import Program, SupervisedProcess
log_file, user, group = json.loads(sys.argv[1])
wait = [sys.executable, "-c", "import time; time.sleep(100)"] if user is None else ["sleep", "100"]
program = Program("child", wait, Path(log_file), dict(os.environ), user=user, group=group)
process = SupervisedProcess(lambda _: program)
process.start()
print(process.process_id, flush=True)
time.sleep(100)
"""


@pytest.mark.parametrize("as_account", [False, True])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_child_ends_with_a_node_that_is_killed(
    log_file: Path, number: signal.Signals, as_account: bool
) -> None:
    account = database_account() if as_account else None
    identity = [account.user, account.group] if account else [None, None]
    arguments = json.dumps([str(log_file), *identity])
    command = [sys.executable, "-c", _NODE, arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as node:
        assert node.stdout is not None
        child = int(node.stdout.readline())
        assert is_running(child)
        node.send_signal(number)
        node.wait(30)
        wait_until(lambda: not is_running(child))
