"""A `Server` put together from real parts, with a clock and roots that the test sets."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from certwright.authorities.acme.challenges import ChallengeKind, Responder
from certwright.authorities.command import Command
from certwright.authorities.internal import InternalAuthority, find_authority, make_authority
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.encryption import KEY_LENGTH, KeyEncryptionKey
from certwright.database.private_keys import PrivateKeyVault
from certwright.front.ports import Ports
from certwright.lifecycle.first_start import keep_authority, keep_issued
from certwright.lifecycle.server import Front, Server
from certwright.lifecycle.trust import Trust
from certwright.node.authorities import build_authorities
from certwright.publication.addresses import PublicationAddresses
from certwright.rules.environment import Environment
from certwright.services.endpoints import add_missing_endpoints
from certwright.services.seals import ServiceSeals
from certwright.stores.task_runner import InProcessRunner
from certwright.x509.certificate import Certificate
from certwright.x509.names import parse_server_name

NODE = "todd-1"
"""What the node of a test is called."""
KEY = KeyEncryptionKey(bytes(range(KEY_LENGTH)))
VAULT = PrivateKeyVault(KEY)


@dataclass
class Clock:
    """Tells the time that it was set to."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        """Let time pass, or go back."""
        self.at += by


def compose_server(
    database: Engine,
    front: Front,
    ports: Ports,
    clock: Clock,
    root_keys: RootKeyFolder,
    *,
    node: str = NODE,
    names: Sequence[str] = ("todd.corp.example", "localhost"),
    environment: Environment = Environment.TEST,
    public_roots: tuple[Certificate, ...] = (),
    machine_roots: tuple[Certificate, ...] = (),
    allowed_commands: frozenset[Command] = frozenset(),
    responders: Mapping[ChallengeKind, Responder] | None = None,
) -> Server:
    """A node as its operations know it, its authority made or found again in `database`."""
    server_names = tuple(parse_server_name(name) for name in names)
    addresses = PublicationAddresses(server_names[0], ports.publication).of_authority
    with database.begin() as connection:
        add_missing_endpoints(connection)
        authority = find_authority(connection) or make_authority(
            connection,
            VAULT,
            root_keys,
            addresses,
            keep_authority,
            organization=names[0],
            random=os.urandom,
            now=clock(),
        )
    internal = InternalAuthority(
        database=database,
        vault=VAULT,
        root=authority.root,
        intermediate=authority.intermediate,
        addresses=addresses,
        random=os.urandom,
        keep=keep_issued,
    )
    return Server(
        version="0.0.0",
        node=node,
        names=server_names,
        environment=environment,
        ports=ports,
        prove_address="127.0.0.1",
        database=database,
        vault=VAULT,
        authority=internal,
        authorities=build_authorities(
            *(internal, database, VAULT, keep_issued, allowed_commands),
            lambda settings: (responders or {})[settings.challenge],
            clock,
        ),
        front=front,
        trust=Trust(lambda: public_roots, lambda: machine_roots),
        now=clock,
        machine=lambda _: InProcessRunner(),
        seals=ServiceSeals(node, b"the key of a node's service seal"),
    )


def root_key_folder(folder: Path) -> RootKeyFolder:
    """The folder for the root's key below `folder`."""
    return RootKeyFolder(folder / "root-keys", KEY)
