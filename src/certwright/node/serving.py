"""The rest of the way up: from a database that starts to a node that is proven."""

import time
from dataclasses import dataclass, field

from sqlalchemy import Engine

from certwright.access.rights import Caller, Right
from certwright.authorities.internal import abandon_issuances
from certwright.database.engine import open_engine, wait_until_reachable
from certwright.database.migrate import migrate
from certwright.database.node_lock import node_lock
from certwright.database.private_keys import PrivateKeyVault
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
    provide_authority,
    utc_now,
)
from certwright.node.first_user import provide_admin
from certwright.node.key_encryption import FoundKey
from certwright.node.local_access import local_access, wait_until_answering
from certwright.node.node_name import node_name
from certwright.node.processes import Program, SupervisedProcess
from certwright.node.runtime_folder import RuntimeFolder
from certwright.node.settings import NodeSettings
from certwright.node.supervision import Supervisor
from certwright.services.endpoints import OwnEndpoint, has_selection, list_endpoints

_DATABASE_SECONDS = 30.0
_FRONT_SECONDS = 15.0
_APPLICATION_SECONDS = 30.0
_STOP_SECONDS = 5.0
_WORKER_STOP_SECONDS = 10.0
"""Long enough for a switch that is under way; one that takes longer goes on at the next start."""


@dataclass(frozen=True)
class Begun:
    """What is there before the database answers."""

    began_at: float
    """Seconds of the monotonic clock."""
    settings: NodeSettings
    admin_password: str | None = field(repr=False)
    key: FoundKey
    runtime_folder: RuntimeFolder
    database: str = field(repr=False)
    """The URL of the database."""
    application: SupervisedProcess


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


def serve(begun: Begun, supervisor: Supervisor) -> Started:
    """Reach the database, start the front, prove both endpoints, and let the worker begin.

    Raises `CertwrightError` for what keeps the node from being up.
    """
    settings, runtime_folder = begun.settings, begun.runtime_folder
    engine, node = _reach(begun, supervisor)
    settle_key(begun.key, engine)
    if not has_selection(engine):
        refuse_unusable(settings, utc_now())
    parts = Parts(settings, node, runtime_folder, begun.key.key, engine, utc_now)
    authority = provide_authority(parts)
    write_whole(settings.data / "root.pem", authority.root.pem.encode(), 0o644)
    front = build_front(settings, runtime_folder)
    server = build_server(parts, authority, front)
    made = provide_certificate(server, brought_certificate(settings))
    abandon_activations(server)
    abandon_issuances(engine, utc_now())
    token = supervisor.stack.enter_context(local_access(settings.data, runtime_folder))
    briefing = Briefing(
        settings, node, begun.database, runtime_folder.path, begun.key.key, token
    ).to_bytes()
    begun.application.brief(briefing)
    activations = _activate(server, front, supervisor)
    wait_until_answering(
        runtime_folder.application_socket,
        _APPLICATION_SECONDS,
        lambda: supervisor.has_ended(begun.application),
    )
    _refuse_unproven_first_start(activations, supervisor)
    # Last: nothing is due in the first second, and the others need the processor.
    supervisor.run_own("worker", "certwright.node.worker", _WORKER_STOP_SECONDS).brief(briefing)
    password = provide_admin(server, begun.admin_password)
    seconds = time.monotonic() - begun.began_at
    return Started(server, settings, made, activations, password, seconds)


def _reach(begun: Begun, supervisor: Supervisor) -> tuple[Engine, str]:
    """The database, as the node sees it that is returned beside."""
    of_nobody = open_engine(begun.database)
    is_own = begun.settings.database is None
    # An own server takes its time to start; somebody else's is there or it is not.
    patience = _DATABASE_SECONDS if is_own else 0
    wait_until_reachable(of_nobody, patience, supervisor.watch_once)
    node = node_name(begun.settings.data, lambda: names_of_nodes(of_nobody) if is_own else ())
    of_nobody.dispose()
    engine = open_engine(begun.database, node)
    supervisor.stack.callback(engine.dispose)
    supervisor.stack.enter_context(node_lock(engine, node))
    migrate(engine)
    return engine, node


def settle_key(found: FoundKey, database: Engine) -> None:
    """Record whose key the database is encrypted with, and keep a new one.

    Raises WRONG_KEY_ENCRYPTION_KEY if it is encrypted with another; then nothing is written.
    """
    with database.begin() as connection:
        try:
            PrivateKeyVault(found.key).confirm(connection)
        except CertwrightError:
            if found.is_new:
                raise found.missing() from None
            raise
        # Before the commit: a recorded key that is on no disk would lock everybody out.
        found.keep()


def _activate(server: Server, front: Front, supervisor: Supervisor) -> tuple[Activation, ...]:
    """Start the front with what each endpoint is to serve, and prove it."""
    with server.database.connect() as connection:
        endpoints = list_endpoints(connection)
    front.prepare()
    for endpoint in endpoints:
        apply_choice(server, OwnEndpoint(endpoint.name), endpoint.saved)
    program = Program(
        name="front",
        command=front.command(),
        log_file=supervisor.log_file("front"),
        environment=inherited_environment(),
    )
    process = supervisor.run(SupervisedProcess(lambda _: program), _STOP_SECONDS)
    front.wait_until_listening(_FRONT_SECONDS, lambda: not supervisor.has_ended(process))
    caller = Caller(ACTOR, Right.ADMIN)
    return tuple(activate(server, endpoint.name, caller) for endpoint in endpoints)


def _refuse_unproven_first_start(
    activations: tuple[Activation, ...], supervisor: Supervisor
) -> None:
    """Later on an unproven node stays up: she could not mend it otherwise."""
    for activation in activations:
        if activation.state is ActivationState.FAILED and activation.former is None:
            raise CertwrightError(
                ErrorCode.PROOF_FAILED,
                f"The {activation.endpoint.label} could not be proven. {activation.failure}",
                f"What the front wrote stands in {supervisor.log_folder}.",
            )
