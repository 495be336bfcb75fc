"""Making a running program read its configuration anew, by whoever started it."""

import os
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...failures import FailureCode, MachineError
from ...programs import run
from ..options import run_or_fail
from ..service_files.reading import READING

_UNIT = re.compile(r"^[^:]*:[^:]*:.*/([A-Za-z0-9:_.\\@-]+\.service)$", re.MULTILINE)


@dataclass(frozen=True)
class Reload:
    """How one program is reloaded: by a command of the administrator's own, systemd, or itself.

    `own_command` is () for none. `directly` is called with the process that
    `pid_file` names, and returns what it did; `directly_words` says the same beforehand.
    """

    program: str
    own_command: Sequence[str]
    pid_file: Path
    directly: Callable[[int], str]
    directly_words: str

    @property
    def words(self) -> str:
        """What `perform` will do."""
        if self.own_command:
            return shlex.join(self.own_command)
        process = running_process(self.pid_file)
        unit = unit_of(process) if process else ""
        return f"systemctl reload {unit}" if unit else self.directly_words

    def perform(self) -> str:
        """Do it; returns what was done. Raises SERVICE_FAILED with the words of who refused."""
        if self.own_command:
            return run_reload(self.own_command)
        process = running_process(self.pid_file)
        if process is None:
            raise MachineError(
                FailureCode.SERVICE_FAILED,
                f"{self.program} does not run: {self.pid_file} names no process of its own.",
                f"Start {self.program}; it begins with what its configuration names now.",
            )
        unit = unit_of(process)
        if unit:
            return run_reload(["systemctl", "reload", unit])
        return self.directly(process)


def run_reload(command: Sequence[str], account: int | None = None) -> str:
    """Run a command that reloads; returns it as text, raises SERVICE_FAILED with its words."""
    run_or_fail(command, account=account)
    return shlex.join(command)


def running_process(pid_file: Path) -> int | None:
    """The process that a program wrote there, if it runs and belongs to the file's owner.

    The owner counts, since one who may write the file could have any process signalled; so does
    that it is no link to the file of another program.
    """
    try:
        with open(pid_file, "rb", opener=_open_itself) as file:
            process = int(file.read(64).split()[0])
            owner = os.fstat(file.fileno()).st_uid
    except (OSError, ValueError, IndexError, AttributeError):  # a pipe may have nothing to say
        return None
    if process <= 1:
        return None
    if os.name != "posix":  # where os.kill has no signal that only asks
        return process
    try:
        if not Path("/proc/self").exists():
            os.kill(process, 0)
            return process
        is_owners = Path(f"/proc/{process}").stat().st_uid == owner
        state = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[:1]
    except OSError:
        return None
    return process if is_owners and state != [b"Z"] else None  # one that has ended is a zombie


def _open_itself(path: str, flags: int) -> int:
    return os.open(path, flags | READING | getattr(os, "O_NOFOLLOW", 0))


def unit_of(process: int) -> str:
    """The systemd unit whose main process it is, "" for none."""
    try:
        unit = unit_in(Path(f"/proc/{process}/cgroup").read_text("utf-8", "replace"))
        if not unit:
            return ""
        # A program that somebody else's unit started lies in that unit's group too.
        shown = run(["systemctl", "show", "--property=MainPID", "--value", "--", unit])
    except (OSError, MachineError):
        return ""
    return unit if shown.code == 0 and shown.output.strip() == str(process) else ""


def unit_in(groups: str) -> str:
    """The service unit that /proc/PID/cgroup (cgroups(7)) ends in, "" for none."""
    found = _UNIT.search(groups)
    return found[1] if found else ""
