"""What every operation needs to know about this node, built once in the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from sqlalchemy import Engine

from certwright.authorities.internal import InternalAuthority
from certwright.authorities.registry import Authorities
from certwright.database.private_keys import PrivateKeyVault
from certwright.front.ports import Ports
from certwright.lifecycle.trust import Trust
from certwright.rules.environment import Environment
from certwright.services.endpoints import EndpointName, OwnEndpoint, WebServerProtocol
from certwright.services.seals import ServiceSeals
from certwright.stores.task_runner import TaskRunner
from certwright.x509.names import ServerName


class Front(Protocol):
    """What serves the endpoints; each call is idempotent and takes effect without a restart."""

    def switch_certificate(
        self, endpoint: str, certificate_chain_pem: str, private_key_pem: str
    ) -> None:
        """Serve another certificate at `endpoint`."""
        ...

    def set_web_protocol(self, protocol: WebServerProtocol) -> None:
        """Let the Web Server listen as `protocol` says."""
        ...


@dataclass(frozen=True)
class Server:
    """One node: its names, its engines, and how the time is told."""

    version: str
    node: str
    """What it is called among those that share its database."""
    names: tuple[ServerName, ...]
    environment: Environment
    ports: Ports
    prove_address: str
    database: Engine
    vault: PrivateKeyVault
    authority: InternalAuthority
    authorities: Authorities
    front: Front
    trust: Trust
    now: Callable[[], datetime]
    machine: Callable[[str], TaskRunner]
    """Who does the tasks of a machine, by its name; "local" is this one."""
    seals: ServiceSeals
    """By which services count as taken on by this node."""
    allowed_services: frozenset[str] = frozenset()
    """What may be taken on from afar, each KIND or KIND=CONFIGURATION."""
    fetches_inside: bool = False
    """Whether what certificates point to is fetched from inside the network too."""
    zone: tzinfo = UTC
    """The clock on the wall, by which windows and quiet hours are set."""

    @property
    def name(self) -> str:
        """The DNS name its users know it by."""
        return self.names[0].value

    def port_of(self, endpoint: EndpointName, protocol: WebServerProtocol) -> int:
        """Where `endpoint`, one of the node's own, is reached while it speaks `protocol`."""
        if endpoint is OwnEndpoint.CONFIGURATION_SERVER:
            return self.ports.configuration
        return self.ports.https if protocol.is_encrypted else self.ports.http
