"""The program at the other end may die, be late, say too much or something else than asked."""

import os
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given

from certwright.machine import tasks
from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.task_messages import write_answer
from certwright.machine.tasks import Result, StoreNames, StoreTask, Task
from certwright.stores.task_runner import InProcessRunner, ProcessRunner

from ..machine.task_values import values_of

TASK = tasks.ListStores("LocalMachine")
NAMES = StoreNames(("CA", "My"))
GOOD_LINE = write_answer(NAMES)
ECHO = f"for line in sys.stdin.buffer: out({GOOD_LINE!r})"


class Programs:
    """Starts programs that answer as they are written to, and ends them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runners: list[ProcessRunner] = []

    def runner(self, program: str, patience: float = 20) -> ProcessRunner:
        """One whose process runs `program`, which writes with `out`."""
        script = self._folder / f"program{len(self._runners)}.py"
        script.write_text(
            "import os, sys, time\n"
            f"starts = open({str(self._folder / 'starts')!r}, 'a')\n"
            "starts.write('x'); starts.close()\n"
            "def out(data): sys.stdout.buffer.write(data); sys.stdout.buffer.flush()\n" + program
        )
        runner = ProcessRunner([sys.executable, "-S", str(script)], patience=patience)
        self._runners.append(runner)
        return runner

    @property
    def starts(self) -> int:
        """How often a program was started."""
        return len((self._folder / "starts").read_text())

    def close(self) -> None:
        for runner in self._runners:
            runner.close()


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    made = Programs(tmp_path)
    yield made
    made.close()


def failure(runner: ProcessRunner | InProcessRunner, task: Task = TASK) -> MachineError:
    with pytest.raises(MachineError) as raised:
        runner.run(task)
    assert raised.value.message.endswith(".")
    assert raised.value.remedy
    return raised.value


def test_one_process_does_many_tasks(programs: Programs) -> None:
    runner = programs.runner(ECHO)
    assert [runner.run(TASK) for _ in range(50)] == [NAMES] * 50
    assert programs.starts == 1


def test_failure_of_a_task_is_raised_and_the_process_goes_on(programs: Programs) -> None:
    refusal = write_answer(MachineError(FailureCode.NOT_FOUND, "Nothing there.", "Look again."))
    runner = programs.runner(
        f"answers = [{refusal!r}, {GOOD_LINE!r}]\n"
        "for number, line in enumerate(sys.stdin.buffer): out(answers[number % 2])"
    )
    error = failure(runner)
    assert (error.code, error.message) == (FailureCode.NOT_FOUND, "Nothing there.")
    assert runner.run(TASK) == NAMES
    assert programs.starts == 1


ENDING = {
    "at once": "sys.exit(3)",
    "when asked": "sys.stdin.buffer.readline(); sys.exit(3)",
    "within its answer": f"sys.stdin.buffer.readline(); out({GOOD_LINE[:-9]!r}); sys.exit(0)",
    "its output alone": "sys.stdin.buffer.readline(); os.close(1); time.sleep(60)",
}


@pytest.mark.parametrize("way", ENDING)
def test_process_that_ends_is_told_of_and_the_next_task_starts_another(
    programs: Programs, way: str
) -> None:
    runner = programs.runner(ENDING[way])
    for start in (1, 2):
        assert failure(runner).code is FailureCode.STORE_FAILED
        assert programs.starts == start


def test_process_that_died_between_two_tasks_is_started_again(programs: Programs) -> None:
    runner = programs.runner(f"sys.stdin.buffer.readline(); out({GOOD_LINE!r})")
    for start in (1, 2, 3):
        assert runner.run(TASK) == NAMES
        assert programs.starts == start
        wait_for_end(runner)


def test_program_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with ProcessRunner([str(tmp_path / "no-such-python")]) as runner:
        assert failure(runner).code is FailureCode.STORE_FAILED


LATE = {
    "silent": "time.sleep(60)",
    "byte by byte": f"for byte in {GOOD_LINE!r}: out(bytes((byte,))); time.sleep(0.1)",
    "deaf": "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)",
}


@pytest.mark.parametrize("way", LATE)
def test_late_answer_is_not_waited_for(programs: Programs, way: str) -> None:
    runner = programs.runner(LATE[way], patience=0.6)
    began = time.monotonic()
    assert failure(runner).code is FailureCode.BUSY
    assert time.monotonic() - began < 10


def test_late_answer_is_not_taken_for_the_next_ones(programs: Programs) -> None:
    """The process is ended: what it says at last belongs to a task that was given up."""
    late = write_answer(StoreNames(("Late",)))
    runner = programs.runner(
        "first = os.path.getsize(starts.name) == 1\n"
        "for line in sys.stdin.buffer:\n"
        f"    if first: time.sleep(1); out({late!r})\n"
        f"    else: out({GOOD_LINE!r})\n",
        patience=0.5,
    )
    assert failure(runner).code is FailureCode.BUSY
    runner._patience = 20
    assert runner.run(TASK) == NAMES
    assert programs.starts == 2


def test_patience_lasts_as_long_as_a_task_waits(programs: Programs) -> None:
    changes = write_answer(tasks.Changes((), ()))
    runner = programs.runner(
        f"for line in sys.stdin.buffer: time.sleep(1); out({changes!r})", patience=0.8
    )
    assert failure(runner).code is FailureCode.BUSY
    waiting = tasks.WaitForChanges("LocalMachine", "My", (), seconds=20)
    assert runner.run(waiting) == tasks.Changes((), ())


GARBAGE = {
    "no JSON": b"Python 3.11 on win32\r\n",
    "two answers": GOOD_LINE * 2,
    "half an object": b'{"result": "store-names"}\n',
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_told_of_and_its_process_ended(programs: Programs, kind: str) -> None:
    runner = programs.runner(f"sys.stdin.buffer.readline(); out({GARBAGE[kind]!r}); time.sleep(60)")
    for start in (1, 2):
        assert failure(runner).code is FailureCode.INVALID_INPUT
        assert programs.starts == start


def test_answer_that_nobody_asked_for_is_not_taken_for_the_next_ones(programs: Programs) -> None:
    unasked = write_answer(StoreNames(("Unasked",)))
    runner = programs.runner(
        f"for line in sys.stdin.buffer: out({GOOD_LINE!r}); time.sleep(0.05); out({unasked!r})"
    )
    assert runner.run(TASK) == NAMES
    wait_for_output(runner)
    assert runner.run(TASK) == NAMES
    assert programs.starts == 2


def test_flood_ends_at_the_longest_message(programs: Programs) -> None:
    runner = programs.runner("while True: out(b'x' * 65536)")
    before = resident_bytes()
    assert failure(runner).code is FailureCode.STORE_FAILED
    assert resident_bytes() - before < 150_000_000


def test_large_task_and_large_answer_pass_each_other(programs: Programs) -> None:
    """Neither side waits for the other to empty a full pipe."""
    certificate = bytes(10_000_000)
    runner = programs.runner("while data := sys.stdin.buffer.read1(65536): out(data)")
    task = tasks.AddCertificate("LocalMachine", "My", certificate)
    # What comes back is the task itself, as it was sent: no answer, but whole.
    assert failure(runner, task).message.startswith("The machine's answer is malformed")


def test_tasks_of_several_threads_take_turns(programs: Programs) -> None:
    runner = programs.runner(ECHO)
    results: list[Result] = []
    threads = [Thread(target=lambda: results.append(runner.run(TASK))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [NAMES] * 20
    assert programs.starts == 1


def test_closed_runner_leaves_no_process_behind(programs: Programs) -> None:
    runner = programs.runner(LATE["deaf"], patience=0.2)
    runner.close()
    failure(runner)
    with programs.runner(ECHO) as other:
        other.run(TASK)
        process = other._process
        assert process is not None
    assert process.poll() is not None


@given(task=values_of(StoreTask))
def test_every_store_task_is_refused_in_plain_words_where_there_is_no_windows(
    task: StoreTask,
) -> None:
    refused = failure(InProcessRunner(), task)
    assert refused.code in (FailureCode.STORE_FAILED, FailureCode.INVALID_INPUT)
    if refused.code is FailureCode.STORE_FAILED:
        assert "has no Windows Certificate Store" in refused.message


def wait_for_end(runner: ProcessRunner) -> None:
    process = runner._process
    assert process is not None
    process.wait(20)


def wait_for_output(runner: ProcessRunner) -> None:
    process = runner._process
    assert process is not None
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 20)[0]


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
