"""The processes of one node: started in order, kept up, stopped in the reverse of it."""

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from certwright.machine.programs import inherited_environment
from certwright.node.processes import Program, SupervisedProcess

_WATCH_SECONDS = 0.05


class Supervisor:
    """What starts the processes of a node and starts again what ends."""

    def __init__(
        self, stack: ExitStack, log_folder: Path, raise_if_asked_to_stop: Callable[[], None]
    ) -> None:
        """`stack` stops them when it closes; `log_folder` is where they write."""
        self.stack = stack
        self.log_folder = log_folder
        self.raise_if_asked_to_stop = raise_if_asked_to_stop
        self._processes: list[SupervisedProcess] = []

    def run(self, process: SupervisedProcess, stop_seconds: float) -> SupervisedProcess:
        """Start it, and from now on keep it up; it gets `stop_seconds` to stop."""
        self.raise_if_asked_to_stop()
        process.start()
        self._processes.append(process)
        self.stack.callback(process.stop, stop_seconds)
        return process

    def run_own(self, name: str, module: str, stop_seconds: float) -> SupervisedProcess:
        """The same for a module of ours, which waits for a briefing."""
        program = Program(
            name=name,
            command=[sys.executable, "-m", module],
            log_file=self.log_file(name),
            environment=inherited_environment(),
            reads_briefing=True,
        )
        return self.run(SupervisedProcess(lambda _: program), stop_seconds)

    def log_file(self, name: str) -> Path:
        """Where the process called `name` writes."""
        return self.log_folder / f"{name}.log"

    def has_ended(self, process: SupervisedProcess) -> bool:
        """Whether it ended by itself; also raises when somebody asked to stop."""
        self.raise_if_asked_to_stop()
        return process.has_ended()

    def watch_once(self) -> None:
        """Start again what has ended."""
        self.raise_if_asked_to_stop()
        # Also while it starts: PostgreSQL refuses until the last process of a killed one is gone.
        for process in self._processes:
            process.watch()

    def watch(self) -> None:
        """Start again what ends, until somebody asks to stop."""
        while True:
            self.watch_once()
            time.sleep(_WATCH_SECONDS)
