"""The way up and down: what needs no database begins here, all the rest is in `serving`.

The processes take a second to import what they need, so they begin before this one does the same:
nothing that is imported here may load the database's libraries or those of X.509.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from certwright.database.account import database_account
from certwright.database.embedded import EmbeddedPostgreSQL
from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.programs import inherited_environment
from certwright.node.data_folder import data_folder, log_folder
from certwright.node.key_encryption import FoundKey, find_key_encryption_key
from certwright.node.lasting import lasting
from certwright.node.listening import settle_ports
from certwright.node.option_files import read_admin_password
from certwright.node.processes import Program, SupervisedProcess, refuse_core_dumps
from certwright.node.runtime_folder import RuntimeFolder, make_runtime_folder
from certwright.node.settings import NodeSettings
from certwright.node.supervision import Supervisor

if TYPE_CHECKING:
    from certwright.node.serving import Started

_STOP_SECONDS = 5.0
_DATABASE_STOP_SECONDS = 30.0
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopRequested(Exception):  # noqa: N818 - not an error: the way down
    """One of the signals that ask to stop came."""


def run_node(settings: NodeSettings, announce: Callable[["Started"], None]) -> None:
    """Start a node, `announce` it when it is up, and keep it up until a signal asks to stop.

    Raises `CertwrightError` for what keeps it from starting; then nothing is left running.
    """
    refuse_core_dumps()
    with _listening_for_stop() as raise_if_requested:
        try:
            with ExitStack() as stack:
                supervisor = Supervisor(stack, log_folder(settings.data), raise_if_requested)
                announce(_start(settings, supervisor))
                supervisor.watch()
        except StopRequested:
            return
        except OSError as error:
            if error.filename is None:
                raise
            raise CertwrightError(
                ErrorCode.DATA_FOLDER_UNUSABLE,
                f"{error.filename} cannot be used: {error.strerror}.",
                "Mend that (often a full disk or a file of another account), then start again.",
            ) from error


@contextmanager
def _listening_for_stop() -> Iterator[Callable[[], None]]:
    """Yields what raises `StopRequested` once a signal asked for it.

    The handler itself only notes it: an exception out of a handler can strike inside a lock of
    Python's own subprocess module, and stopping would then wait for that lock for ever.
    """
    requested = False

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal requested
        requested = True

    def raise_if_requested() -> None:
        if requested:
            raise StopRequested

    former = {number: signal.signal(number, note) for number in _STOP_SIGNALS}
    try:
        yield raise_if_requested
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _start(settings: NodeSettings, supervisor: Supervisor) -> "Started":
    """Everything from the data folder's lock to the proof of both endpoints."""
    began_at = time.monotonic()
    stack = supervisor.stack
    data = stack.enter_context(data_folder(settings.data))
    if settings.certificate is not None and _is_first_start(settings):
        from certwright.node.brought_certificate import refuse_unusable
        from certwright.node.composition import utc_now

        refuse_unusable(settings, utc_now())
    admin_password = read_admin_password(settings.admin_password_file)
    key = _find_key(settings, data)
    runtime_folder = _make_runtime_folder(settings, stack)
    settings = settle_ports(settings, stack)
    application = supervisor.run_own("application", "certwright.node.app", _STOP_SECONDS)
    database = settings.database or _start_database(data, runtime_folder, supervisor)
    # Again, for the order: it is stopped before the database that it uses.
    stack.callback(application.stop, _STOP_SECONDS)

    with lasting():
        from certwright.node.serving import Begun, serve

    begun = Begun(began_at, settings, admin_password, key, runtime_folder, database, application)
    return serve(begun, supervisor)


def _find_key(settings: NodeSettings, data: Path) -> FoundKey:
    """The key, kept if it is new; for a named database that waits until it was looked into."""
    found = find_key_encryption_key(data, os.environ)
    if _is_first_start(settings):
        found.keep()
    elif found.is_new and settings.database is None:
        raise found.missing()
    return found


def _is_first_start(settings: NodeSettings) -> bool:
    return settings.database is None and not (settings.data / "database" / "cluster").exists()


def _make_runtime_folder(settings: NodeSettings, stack: ExitStack) -> RuntimeFolder:
    passable = settings.database is None and os.geteuid() == 0
    runtime_folder = make_runtime_folder(settings.data, passable=passable)
    stack.callback(runtime_folder.remove)
    return runtime_folder


def _start_database(data: Path, runtime_folder: RuntimeFolder, supervisor: Supervisor) -> str:
    """Make and start the embedded database; returns its URL."""
    account = database_account()
    embedded = EmbeddedPostgreSQL(data / "database", runtime_folder.database, account)
    embedded.prepare()

    def program(descriptor: int | None) -> Program:
        return Program(
            name="database",
            command=embedded.command(descriptor or 0),
            log_file=supervisor.log_file("database"),
            environment=inherited_environment(),
            stop_signal=signal.SIGINT,  # PostgreSQL's "fast shutdown"
            user=account.user if account else None,
            group=account.group if account else None,
        )

    supervisor.run(SupervisedProcess(program, embedded.cluster), _DATABASE_STOP_SECONDS)
    return embedded.url
