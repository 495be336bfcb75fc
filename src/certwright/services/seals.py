"""What a node took on, sealed: to write the database is not enough to have a node run something.

A service's record says which programs its node runs, often as root. It was allowed by an
administrator when it was taken on, and counts only as it was then.
"""

import hmac
import json
from dataclasses import asdict, dataclass, field, replace

from sqlalchemy import Connection

from certwright.services.registered import RegisteredService, keep_seal, list_services


@dataclass(frozen=True)
class ServiceSeals:
    """HMAC-SHA-256 (RFC 2104) by a key that lies with `node` alone; never shown by `repr`."""

    node: str
    key: bytes = field(repr=False)

    def sealed(self, service: RegisteredService) -> RegisteredService:
        """`service` with the seal of this node."""
        return replace(service, seal=self._seal(service))

    def fits(self, service: RegisteredService) -> bool:
        """Whether this node took on the service, just as it is recorded."""
        seal = (service.seal or "").encode()
        return hmac.compare_digest(self._seal(service).encode(), seal)

    def _seal(self, service: RegisteredService) -> str:
        taken_on = {
            "node": self.node,
            "name": service.name,
            "kind": service.kind,
            "machine": service.machine,
            "configuration": service.configuration,
            "options": [asdict(option) for option in service.options],
        }
        canonical = json.dumps(taken_on, sort_keys=True, separators=(",", ":"))
        return hmac.new(self.key, canonical.encode(), "sha256").hexdigest()


def seal_former_services(connection: Connection, seals: ServiceSeals) -> None:
    """Seal what the node took on before there were seals."""
    for service in list_services(connection):
        if service.seal is None:
            keep_seal(connection, seals.sealed(service))
