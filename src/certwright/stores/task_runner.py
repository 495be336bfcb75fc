"""Who does a machine's tasks: this process, or a program at the other end of two pipes."""

import contextlib
import os
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence
from threading import Lock
from types import TracebackType
from typing import Protocol, Self

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.task_messages import LONGEST_MESSAGE, read_answer, write_task
from certwright.machine.tasks import Result, Task, WaitForChanges

_PATIENCE = 60.0
"""Seconds that a task may take, its waiting not counted."""
_CHUNK = 64 * 1024


class TaskRunner(Protocol):
    """Does tasks; raises MachineError for one that could not be done."""

    def run(self, task: Task) -> Result:
        """Do one task and wait for its result."""
        ...


class InProcessRunner:
    """Does tasks here: this process runs on the machine in question."""

    def run(self, task: Task) -> Result:
        """Do one task."""
        # Imported with the first task: it brings every kind of service and the Windows store.
        from certwright.machine.performing import perform

        return perform(task)


class ProcessRunner:
    """Has tasks done by `python -m certwright.machine`, started as `command` when first needed.

    One task at a time. A process that dies, or does not answer in time, is ended, and the next
    task starts another. `environment` is the process's own, None for this one's.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        patience: float = _PATIENCE,
    ) -> None:
        self._command = tuple(command)
        self._environment = environment
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def run(self, task: Task) -> Result:
        """Do one task; raises BUSY where the answer does not come in time."""
        message = write_task(task)
        waiting = task.seconds if isinstance(task, WaitForChanges) else 0
        with self._turn:
            try:
                process = self._running()
                line = _exchange(process, message, time.monotonic() + self._patience + waiting)
                answer = read_answer(line)
            except OSError:
                self._end()
                raise _broken() from None
            except BaseException:
                # Whatever is in the pipes now belongs to no task that comes after.
                self._end()
                raise
        if isinstance(answer, MachineError):
            raise answer
        return answer

    def close(self) -> None:
        """End the process."""
        with self._turn:
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and _has_output(self._process):
            self._end()
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=None if self._environment is None else dict(self._environment),
                bufsize=0,
            )
            assert self._process.stdin is not None  # noqa: S101 - it is a pipe
            os.set_blocking(self._process.stdin.fileno(), False)
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2)
        if process.poll() is None:
            process.kill()
            process.wait()


def _has_output(process: subprocess.Popen[bytes]) -> bool:
    """Whether it said something unasked, or ended: either way it is of no more use."""
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        return bool(selector.select(0))


def _exchange(process: subprocess.Popen[bytes], message: bytes, deadline: float) -> bytes:
    """Write and read at once: neither side may wait for the other to empty a full pipe."""
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    unsent, answer = memoryview(message), bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdin, selectors.EVENT_WRITE)
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise _late()
            for key, _ in selector.select(left):
                if key.fileobj is process.stdin:
                    unsent = unsent[os.write(process.stdin.fileno(), unsent[:_CHUNK]) :]
                    if not unsent:
                        selector.unregister(process.stdin)
                    continue
                chunk = os.read(process.stdout.fileno(), _CHUNK)
                answer += chunk
                is_early = unsent and chunk.endswith(b"\n")
                if not chunk or is_early or len(answer) > LONGEST_MESSAGE:
                    raise _broken()
                if answer.endswith(b"\n"):
                    return bytes(answer)


def _late() -> MachineError:
    return MachineError(
        FailureCode.BUSY,
        "The machine did not answer in time.",
        "Try again; if it stays so, look whether that machine is overloaded.",
    )


def _broken() -> MachineError:
    return MachineError(
        FailureCode.STORE_FAILED,
        "The program that works on the machine ended without an answer.",
        "Look whether Python 3.11 or newer starts there, then try again.",
    )
