"""The programs a node runs: started so that they end with it, watched, and started again."""

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_SHORTEST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0
_STABLE_SECONDS = 30.0
_LARGEST_LOG = 10 * 1024 * 1024


def refuse_core_dumps() -> None:
    """Let no process from here on leave its memory, with the keys in it, on a disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@dataclass(frozen=True)
class Program:
    """What to run, as whom, and how it is asked to stop."""

    name: str
    command: Sequence[str]
    log_file: Path
    environment: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    reads_briefing: bool = False
    user: int | None = None
    group: int | None = None


class SupervisedProcess:
    """One program of the node: running, or waiting to be started again."""

    def __init__(self, make: Callable[[int | None], Program], folder: Path | None = None) -> None:
        """`make` gets the descriptor under which the process finds `folder` open."""
        self._make = make
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._program: Program | None = None
        self._pause = _SHORTEST_PAUSE
        self._started_at = 0.0
        self._start_again_at: float | None = None
        self._briefing: bytes | None = None

    @property
    def process_id(self) -> int | None:
        """The operating system's number of it while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it now."""
        descriptor = None
        if self._folder is not None:
            descriptor = os.open(self._folder, os.O_PATH | os.O_DIRECTORY)
        try:
            self._program = self._make(descriptor)
            self._process = _spawn(self._program, descriptor)
        finally:
            if descriptor is not None:
                os.close(descriptor)
        self._started_at = time.monotonic()
        self._start_again_at = None
        if self._briefing is not None:
            self.brief(self._briefing)

    def brief(self, briefing: bytes) -> None:
        """Tell it, on its standard input, what it has to know; now and whenever it starts anew."""
        self._briefing = briefing
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError), self._process.stdin as pipe:
                pipe.write(briefing)

    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def watch(self) -> None:
        """Start it again when it has ended, after a pause that grows while that happens often."""
        now = time.monotonic()
        if self._start_again_at is not None:
            if now >= self._start_again_at:
                self.start()
            return
        if self._process is None or self._program is None or self._process.poll() is None:
            return
        if now - self._started_at > _STABLE_SECONDS:
            self._pause = _SHORTEST_PAUSE
        _tell_end(self._program, self._process.returncode)
        self._start_again_at = now + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    def stop(self, seconds: float) -> None:
        """Ask it to stop and wait for its end; kill it when `seconds` are over."""
        self._start_again_at = None
        if self._process is None or self._program is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(self._program.stop_signal)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def _tell_end(program: Program, exit_code: int) -> None:
    how = f"by signal {-exit_code}" if exit_code < 0 else f"with exit code {exit_code}"
    sys.stderr.write(
        f"certwright: the process {program.name} ended {how} and is started again. Its log is "
        f"{program.log_file}.\n"
    )


def _spawn(program: Program, descriptor: int | None) -> subprocess.Popen[bytes]:
    parent = os.getpid()

    def end_with_parent() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, program.stop_signal)
        if os.getppid() != parent:
            os._exit(1)

    with _open_log(program.log_file) as log_file:
        return subprocess.Popen(
            program.command,
            stdin=subprocess.PIPE if program.reads_briefing else subprocess.DEVNULL,
            stdout=log_file,
            stderr=log_file,
            cwd="/",
            env=dict(program.environment),
            pass_fds=() if descriptor is None else (descriptor,),
            preexec_fn=end_with_parent,
            start_new_session=True,  # Ctrl-C on the terminal reaches the node alone
            user=program.user,
            group=program.group,
            extra_groups=None if program.user is None else [],
        )


def _open_log(path: Path) -> IO[bytes]:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.exists() and path.stat().st_size > _LARGEST_LOG:
        path.rename(path.with_suffix(".log.1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return os.fdopen(descriptor, "ab")
