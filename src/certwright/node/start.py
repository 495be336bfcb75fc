"""The way up: from a folder that may be empty to a node that is proven, and down again."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from sqlalchemy import Engine

from certwright.access.rights import Caller, Right
from certwright.authorities.internal import abandon_issuances
from certwright.database.account import database_account
from certwright.database.embedded import EmbeddedPostgreSQL
from certwright.database.engine import open_engine, wait_until_reachable
from certwright.database.migrate import migrate
from certwright.database.node_lock import node_lock
from certwright.errors import CertwrightError, ErrorCode
from certwright.front.front import Front
from certwright.lifecycle.activation import activate
from certwright.lifecycle.activation_record import Activation, ActivationState, abandon_activations
from certwright.lifecycle.first_start import ACTOR, Made, provide_certificate
from certwright.lifecycle.nodes import names_of_nodes
from certwright.lifecycle.server import Server
from certwright.lifecycle.switching import apply_choice
from certwright.machine.programs import inherited_environment
from certwright.machine.whole_files import write_whole
from certwright.node.briefing import Briefing
from certwright.node.brought_certificate import brought_certificate, refuse_unusable
from certwright.node.composition import (
    Parts,
    build_front,
    build_server,
    log_folder,
    provide_authority,
    utc_now,
)
from certwright.node.data_folder import data_folder
from certwright.node.first_user import provide_admin, read_password
from certwright.node.key_encryption import find_key_encryption_key
from certwright.node.listening import settle_ports
from certwright.node.local_access import local_access, wait_until_answering
from certwright.node.node_name import node_name
from certwright.node.processes import Program, SupervisedProcess, refuse_core_dumps
from certwright.node.runtime_folder import RuntimeFolder, make_runtime_folder
from certwright.node.settings import NodeSettings
from certwright.services.endpoints import OwnEndpoint, has_selection, list_endpoints

_DATABASE_SECONDS = 30.0
_FRONT_SECONDS = 15.0
_APPLICATION_SECONDS = 30.0
_STOP_SECONDS = 5.0
_DATABASE_STOP_SECONDS = 30.0
_WORKER_STOP_SECONDS = 10.0
"""Long enough for a switch that is under way; one that takes longer goes on at the next start."""
_WATCH_SECONDS = 0.05
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopRequested(Exception):  # noqa: N818 - not an error: the way down
    """One of the signals that ask to stop came."""


@dataclass(frozen=True)
class Started:
    """A node that is up."""

    server: Server
    settings: NodeSettings
    made: Made
    activations: tuple[Activation, ...]
    first_password: str | None
    seconds: float

    @property
    def is_proven(self) -> bool:
        """Whether each endpoint's handshake from outside showed what it should."""
        good = {ActivationState.PROVEN, ActivationState.PUT_BACK}
        return all(activation.state in good for activation in self.activations)


def run_node(settings: NodeSettings, announce: Callable[[Started], None]) -> None:
    """Start a node, `announce` it when it is up, and keep it up until a signal asks to stop.

    Raises `CertwrightError` for what keeps it from starting; then nothing is left running.
    """
    refuse_core_dumps()
    with _listening_for_stop() as raise_if_requested:
        try:
            with ExitStack() as stack:
                node = _Node(settings, stack, raise_if_requested)
                announce(node.start())
                node.watch()
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


class _Node:
    """The processes of one node, in the order they start; `stack` stops them in the reverse."""

    def __init__(
        self, settings: NodeSettings, stack: ExitStack, raise_if_asked_to_stop: Callable[[], None]
    ) -> None:
        self._begun = time.monotonic()
        self._raise_if_asked_to_stop = raise_if_asked_to_stop
        self._settings = settings
        self._stack = stack
        self._processes: list[SupervisedProcess] = []

    def start(self) -> Started:
        """Everything from the data folder's lock to the proof of both endpoints."""
        data = self._stack.enter_context(data_folder(self._settings.data))
        if self._is_first_start():
            refuse_unusable(self._settings, utc_now())
        admin_password = read_password(self._settings.admin_password_file)
        key = find_key_encryption_key(data, os.environ)
        runtime_folder = self._make_runtime_folder(data)
        self._settings = settle_ports(self._settings, self._stack)
        application = self._start_application()
        database = self._start_database(runtime_folder)
        # Again, for the order: it is stopped before the database that it uses.
        self._stack.callback(application.stop, _STOP_SECONDS)
        engine, node = self._reach(database, data)
        if not has_selection(engine):
            refuse_unusable(self._settings, utc_now())
        parts = Parts(self._settings, node, runtime_folder, key, engine, utc_now)
        authority = provide_authority(parts)
        write_whole(data / "root.pem", authority.root.pem.encode(), 0o644)
        front = build_front(self._settings, runtime_folder)
        server = build_server(parts, authority, front)
        made = provide_certificate(server, brought_certificate(self._settings))
        abandon_activations(server)
        abandon_issuances(engine, utc_now())
        token = self._stack.enter_context(local_access(data, runtime_folder))
        briefing = Briefing(
            self._settings, node, database, runtime_folder.path, key, token
        ).to_bytes()
        application.brief(briefing)
        activations = self._serve(server, front)
        wait_until_answering(
            runtime_folder.application_socket,
            _APPLICATION_SECONDS,
            lambda: self._has_ended(application),
        )
        self._refuse_unproven_first_start(activations)
        self._start_worker(briefing)
        password = provide_admin(server, admin_password)
        seconds = time.monotonic() - self._begun
        return Started(server, self._settings, made, activations, password, seconds)

    def watch(self) -> None:
        """Start again what ends, until somebody asks to stop."""
        while True:
            self._watch_once()
            time.sleep(_WATCH_SECONDS)

    def _watch_once(self) -> None:
        self._raise_if_asked_to_stop()
        # Also while it starts: PostgreSQL refuses until the last process of a killed one is gone.
        for process in self._processes:
            process.watch()

    def _is_first_start(self) -> bool:
        cluster = self._settings.data / "database" / "cluster"
        return self._settings.database is None and not cluster.exists()

    def _make_runtime_folder(self, data: Path) -> RuntimeFolder:
        passable = self._settings.database is None and os.geteuid() == 0
        runtime_folder = make_runtime_folder(data, passable=passable)
        self._stack.callback(runtime_folder.remove)
        return runtime_folder

    def _start_application(self) -> SupervisedProcess:
        """Started first: it takes half a second to import what it needs, beside all the rest."""
        return self._start_own("application", "certwright.node.app", _STOP_SECONDS)

    def _start_worker(self, briefing: bytes) -> None:
        """Started last: nothing is due in the first second, and the others need the processor."""
        worker = self._start_own("worker", "certwright.node.worker", _WORKER_STOP_SECONDS)
        worker.brief(briefing)

    def _start_own(self, name: str, module: str, stop_seconds: float) -> SupervisedProcess:
        program = Program(
            name=name,
            command=[sys.executable, "-m", module],
            log_file=log_folder(self._settings.data) / f"{name}.log",
            environment=inherited_environment(),
            reads_briefing=True,
        )
        process = SupervisedProcess(lambda _: program)
        self._run(process, stop_seconds)
        return process

    def _start_database(self, runtime_folder: RuntimeFolder) -> str:
        """The URL of the database; the embedded one is made and started where none is named."""
        if self._settings.database is not None:
            return self._settings.database
        account = database_account()
        embedded = EmbeddedPostgreSQL(
            self._settings.data / "database", runtime_folder.database, account
        )
        embedded.prepare()

        def program(descriptor: int | None) -> Program:
            return Program(
                name="database",
                command=embedded.command(descriptor or 0),
                log_file=log_folder(self._settings.data) / "database.log",
                environment=inherited_environment(),
                stop_signal=signal.SIGINT,  # PostgreSQL's "fast shutdown"
                user=account.user if account else None,
                group=account.group if account else None,
            )

        self._run(SupervisedProcess(program, embedded.cluster), _DATABASE_STOP_SECONDS)
        return embedded.url

    def _reach(self, url: str, data: Path) -> tuple[Engine, str]:
        """The database, as the node sees it that is returned beside."""
        of_nobody = open_engine(url)
        is_own = self._settings.database is None
        # An own server takes its time to start; somebody else's is there or it is not.
        patience = _DATABASE_SECONDS if is_own else 0
        wait_until_reachable(of_nobody, patience, self._watch_once)
        node = node_name(data, lambda: names_of_nodes(of_nobody) if is_own else ())
        of_nobody.dispose()
        engine = open_engine(url, node)
        self._stack.callback(engine.dispose)
        self._stack.enter_context(node_lock(engine, node))
        migrate(engine)
        return engine, node

    def _serve(self, server: Server, front: Front) -> tuple[Activation, ...]:
        with server.database.connect() as connection:
            endpoints = list_endpoints(connection)
        front.prepare()
        for endpoint in endpoints:
            apply_choice(server, OwnEndpoint(endpoint.name), endpoint.saved)
        program = Program(
            name="front",
            command=front.command(),
            log_file=log_folder(self._settings.data) / "front.log",
            environment=inherited_environment(),
        )
        process = SupervisedProcess(lambda _: program)
        self._run(process, _STOP_SECONDS)
        front.wait_until_listening(_FRONT_SECONDS, lambda: not self._has_ended(process))
        caller = Caller(ACTOR, Right.ADMIN)
        return tuple(activate(server, endpoint.name, caller) for endpoint in endpoints)

    def _has_ended(self, process: SupervisedProcess) -> bool:
        self._raise_if_asked_to_stop()
        return process.has_ended()

    def _run(self, process: SupervisedProcess, stop_seconds: float) -> None:
        self._raise_if_asked_to_stop()
        process.start()
        self._processes.append(process)
        self._stack.callback(process.stop, stop_seconds)

    def _refuse_unproven_first_start(self, activations: tuple[Activation, ...]) -> None:
        """Later on an unproven node stays up: she could not mend it otherwise."""
        for activation in activations:
            if activation.state is ActivationState.FAILED and activation.former is None:
                raise CertwrightError(
                    ErrorCode.PROOF_FAILED,
                    f"The {activation.endpoint.label} could not be proven. {activation.failure}",
                    f"What the front wrote stands in {log_folder(self._settings.data)}.",
                )
