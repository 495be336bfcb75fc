"""The HAProxy that runs with a configuration: how it was started, and its reload.

Source: HAProxy's Management Guide, 3 "Starting HAProxy" and 4 "Stopping and restarting HAProxy"
(master-worker mode: the master reloads on SIGUSR2), and proc(5).
"""

import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...failures import FailureCode, MachineError

_PROCESSES = Path("/proc")
_MOST_SIGNALS = 3
"""A master that is still starting pays no attention to the first."""
_SECONDS_EACH = 7.0
_PAUSE = 0.02
_DELETED = " (deleted)"
_LEFT_OUT = ("HAPROXY_MWORKER", "LD_", "GCONV_PATH", "GLIBC_TUNABLES", "OPENSSL_")


@dataclass(frozen=True)
class RunningHAProxy:
    """The first process of one, which in master-worker mode is the master."""

    process: int
    files: tuple[Path, ...]
    folder: Path | None
    environment: Mapping[str, str]
    is_master_worker: bool

    def reload(self) -> None:
        """Let the master start a worker with the configuration as it is now, and wait for it.

        Raises NOT_PERMITTED, or SERVICE_FAILED where no new one comes.
        """
        before = set(_children(self.process))
        for _ in range(_MOST_SIGNALS):
            self._signal()
            deadline = time.monotonic() + _SECONDS_EACH
            while time.monotonic() < deadline:
                if set(_children(self.process)) - before:
                    return
                time.sleep(_PAUSE)
        raise MachineError(
            FailureCode.SERVICE_FAILED,
            f"HAProxy started no new worker within {_MOST_SIGNALS * _SECONDS_EACH:g} seconds.",
            "Its log says why; what it served before is served still.",
        )

    def _signal(self) -> None:
        try:
            os.kill(self.process, signal.SIGUSR2)
        except OSError as error:
            raise MachineError(
                FailureCode.NOT_PERMITTED,
                f"HAProxy's master (process {self.process}) cannot be told to reload: "
                f"{error.strerror}.",
                "Let Certwright run as root or as HAProxy's account, or give the option reload, a "
                "command that may do it.",
            ) from None


def running_with(file: Path, program: str) -> RunningHAProxy | None:
    """The HAProxy that was started with `file` as one of its configuration, or within one.

    Only of root or of this process's account, and only `program` itself: whoever may start programs
    could call one haproxy, and so bring files and variables of their own to `haproxy -c`.
    """
    for process in _processes():
        found = _look_at(process) if _runs(process, program) else None
        if found is not None and any(_is_within(file, one) for one in found.files):
            return found
    return None


def configuration_arguments(arguments: Sequence[str]) -> tuple[str, ...]:
    """The files and folders that a command line of HAProxy names: after -f, and after --."""
    found: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            found += rest
        elif argument == "-f":
            found += [name for name in (next(rest, ""),) if name]
    return tuple(found)


def _look_at(process: int) -> RunningHAProxy | None:
    arguments = _strings(process, "cmdline")
    if not _is_haproxy(arguments) or _is_haproxy(_strings(_parent(process), "cmdline")):
        return None
    if not _accounts(process) <= {0, os.geteuid()}:
        return None
    if _namespace(process) not in (None, _namespace(os.getpid())):
        return None  # of a container: its paths lead elsewhere
    folder = _folder(process)
    files = [Path(name) for name in configuration_arguments(arguments[1:])]
    if folder is not None:
        files = [folder / file for file in files]
    return RunningHAProxy(
        process=process,
        files=tuple(files),
        folder=folder,
        environment=_environment(process),
        is_master_worker=any(one in ("-W", "-Ws") for one in arguments),
    )


def _environment(process: int) -> Mapping[str, str]:
    """What its configuration may speak of.

    Not what tells a master how it was started (another program would wait as it does), nor what
    brings libraries into a program: ld.so(8), glibc's iconv, OpenSSL's configuration.
    """
    found = dict(one.split("=", 1) for one in _strings(process, "environ") if "=" in one)
    return {name: found[name] for name in found if not name.startswith(_LEFT_OUT)}


def _runs(process: int, program: str) -> bool:
    try:
        running = str((_PROCESSES / str(process) / "exe").readlink())
    except OSError:  # another account's, or none any more
        return False
    # One that was started before the program's package was upgraded runs what it was.
    return running.removesuffix(_DELETED) == os.path.realpath(shutil.which(program) or program)


def _is_within(file: Path, place: Path) -> bool:
    true_file, true_place = Path(os.path.realpath(file)), Path(os.path.realpath(place))
    return true_file == true_place or true_place in true_file.parents


def _is_haproxy(arguments: Sequence[str]) -> bool:
    return bool(arguments) and Path(arguments[0]).name == "haproxy"


def _processes() -> Iterator[int]:
    try:
        yield from sorted(int(one.name) for one in _PROCESSES.iterdir() if one.name.isdigit())
    except OSError:
        return


def _strings(process: int, name: str) -> list[str]:
    try:
        content = (_PROCESSES / str(process) / name).read_bytes()
    except OSError:
        return []
    return os.fsdecode(content).removesuffix("\0").split("\0")


def _parent(process: int) -> int:
    try:
        status = (_PROCESSES / str(process) / "stat").read_text("utf-8", "replace")
    except OSError:
        return 0
    # proc_pid_stat(5): the name stands in brackets, and may hold some itself.
    return int(status.rpartition(")")[2].split()[1])


def _accounts(process: int) -> set[int]:
    """Real, effective and saved; not the folder's owner, which is root's for what hides itself."""
    try:
        status = (_PROCESSES / str(process) / "status").read_text("utf-8", "replace")
    except OSError:
        return {-1}
    line = next((one for one in status.splitlines() if one.startswith("Uid:")), "Uid: -1")
    return {int(account) for account in line.split()[1:]}


def _children(process: int) -> Iterator[int]:
    return (one for one in _processes() if _parent(one) == process)


def _folder(process: int) -> Path | None:
    try:
        return (_PROCESSES / str(process) / "cwd").readlink()
    except OSError:
        return None


def _namespace(process: int) -> str | None:
    try:
        return str((_PROCESSES / str(process) / "ns" / "mnt").readlink())
    except OSError:
        return None
