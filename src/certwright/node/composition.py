"""The one place that builds the adapters and puts a `Server` together."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from certwright import __version__
from certwright.authorities.internal import (
    AuthorityCertificates,
    InternalAuthority,
    find_authority,
    make_authority,
)
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.encryption import KeyEncryptionKey
from certwright.database.private_keys import PrivateKeyVault
from certwright.front.front import Front
from certwright.front.settings import FrontSettings, parse_upstream
from certwright.lifecycle.first_start import keep_authority, keep_issued
from certwright.lifecycle.known_roots import machine_roots, public_roots
from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import Trust
from certwright.node.authorities import build_authorities
from certwright.node.runtime_folder import RuntimeFolder
from certwright.node.service_seals import provide_service_seals
from certwright.node.settings import NodeSettings
from certwright.node.time_zone import local_time_zone
from certwright.publication.addresses import PublicationAddresses
from certwright.services.endpoints import add_missing_endpoints
from certwright.stores.task_runner import InProcessRunner

if TYPE_CHECKING:
    from certwright.authorities.acme.challenges import Responder
    from certwright.authorities.acme.settings import AcmeSettings

_FIRST_START_LOCK = 0x6E6F6465
"""Key of the advisory lock under which one node of several makes the authority."""


@dataclass(frozen=True)
class Parts:
    """What a `Server` is built from."""

    settings: NodeSettings
    node: str
    runtime_folder: RuntimeFolder
    key: KeyEncryptionKey
    database: Engine
    now: Callable[[], datetime]

    @property
    def vault(self) -> PrivateKeyVault:
        """The private keys in the database."""
        return PrivateKeyVault(self.key)

    @property
    def root_keys(self) -> RootKeyFolder:
        """The root's private key, kept apart."""
        return RootKeyFolder(self.settings.data / "root-keys", self.key)

    @property
    def addresses(self) -> PublicationAddresses:
        """Where others download CA certificates and revocation lists."""
        return PublicationAddresses(self.settings.names[0], self.settings.ports.publication)


def utc_now() -> datetime:
    """The time of this machine's clock."""
    return datetime.now(UTC)


def provide_authority(parts: Parts) -> AuthorityCertificates:
    """The internal authority, made now if there is none; the key-encryption key is confirmed."""
    with parts.database.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _FIRST_START_LOCK})
        parts.vault.confirm(connection)
        add_missing_endpoints(connection)
        return find_authority(connection) or _make_authority(parts, connection)


def _make_authority(parts: Parts, connection: Connection) -> AuthorityCertificates:
    return make_authority(
        connection,
        parts.vault,
        parts.root_keys,
        parts.addresses.of_authority,
        keep_authority,
        organization=parts.settings.names[0].value,
        random=os.urandom,
        now=parts.now(),
    )


def build_front(settings: NodeSettings, runtime_folder: RuntimeFolder) -> Front:
    """Envoy's adapter."""
    return Front(
        FrontSettings(
            bind=settings.bind,
            configuration_port=settings.ports.configuration,
            http_port=settings.ports.http,
            https_port=settings.ports.https,
            publication_port=settings.ports.publication,
            server_name=settings.names[0].value,
            upstream=parse_upstream(settings.upstream) if settings.upstream else None,
            runtime_folder=runtime_folder.front,
            app_socket=runtime_folder.application_socket,
        )
    )


def build_server(parts: Parts, authority: AuthorityCertificates, front: Front) -> Server:
    """The node as its operations know it."""
    internal = InternalAuthority(
        database=parts.database,
        vault=parts.vault,
        root=authority.root,
        intermediate=authority.intermediate,
        addresses=parts.addresses.of_authority,
        random=os.urandom,
        keep=keep_issued,
    )
    return Server(
        version=__version__,
        node=parts.node,
        names=parts.settings.names,
        environment=parts.settings.environment,
        ports=parts.settings.ports,
        prove_address=prove_address(parts.settings.bind),
        database=parts.database,
        vault=parts.vault,
        authority=internal,
        authorities=build_authorities(
            internal,
            parts.database,
            parts.vault,
            keep_issued,
            frozenset(parts.settings.allowed_commands),
            _responders(parts, front),
            parts.now,
        ),
        front=front,
        trust=Trust(public_roots, machine_roots),
        now=parts.now,
        machine=lambda _: InProcessRunner(),
        seals=provide_service_seals(parts.settings.data, parts.node, parts.database),
        allowed_services=frozenset(parts.settings.allowed_services),
        fetches_inside=parts.settings.fetches_inside,
        zone=local_time_zone(),
    )


def _responders(parts: Parts, front: Front) -> "Callable[[AcmeSettings], Responder]":
    def make(settings: "AcmeSettings") -> "Responder":
        from certwright.lifecycle.challenge_responders import ChallengeResponders

        key = parts.vault.key
        return ChallengeResponders(parts.database, key, front, os.urandom, parts.now)(settings)

    return make


def prove_address(bind: tuple[str, ...]) -> str:
    """The address at which a node that listens at `bind` shakes hands with itself."""
    first = ip_address(bind[0])
    if not first.is_unspecified:
        return str(first)
    return "127.0.0.1" if first.version == 4 else "::1"
