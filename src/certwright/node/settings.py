"""What a node was told at its start; the same values reach its web application as JSON."""

import json
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from certwright.errors import CertwrightError
from certwright.lifecycle.server import Ports
from certwright.rules.environment import Environment
from certwright.x509.names import ServerName, parse_server_name

_NAME_LOOKUP_SECONDS = 1.0
_LOCAL = "localhost"


@dataclass(frozen=True)
class NodeSettings:
    """The options of `certwright up`."""

    data: Path
    names: tuple[ServerName, ...]
    environment: Environment
    database: str | None
    bind: tuple[str, ...]
    ports: Ports
    upstream: str | None
    certificate: Path | None
    certificate_password_file: Path | None
    admin_password_file: Path | None
    ready_file: Path | None
    fetches_inside: bool = False
    """Whether what certificates point to is fetched from inside the network too."""

    def to_json(self) -> str:
        """For the web application's standard input."""
        values = asdict(replace(self, names=()))
        values["names"] = [name.value for name in self.names]
        return json.dumps(values, default=str)

    @classmethod
    def from_json(cls, text: str) -> "NodeSettings":
        """The inverse of `to_json`."""
        values: dict[str, Any] = json.loads(text)
        for field in fields(cls):
            if field.type in {Path, Path | None} and values[field.name] is not None:
                values[field.name] = Path(values[field.name])
        values["names"] = parse_names(values["names"])
        values["environment"] = Environment(values["environment"])
        values["bind"] = tuple(values["bind"])
        values["ports"] = Ports(**values["ports"])
        return cls(**values)


def parse_names(texts: Sequence[str]) -> tuple[ServerName, ...]:
    """The server's names, each once, in the order given; raises INVALID_INPUT."""
    return tuple(dict.fromkeys(parse_server_name(text) for text in texts))


def own_names() -> tuple[str, ...]:
    """This machine's fully qualified name, its host name, and localhost, in this order."""
    host = socket.gethostname()
    names = [name for name in (_fully_qualified(host), host) if _is_name(name)]
    # Many a hosts file calls the machine localhost first of all; nobody else can call it so.
    own = [name for name in names if name.partition(".")[0].lower() != _LOCAL]
    return tuple(dict.fromkeys([*own, _LOCAL]))


def _fully_qualified(host: str) -> str:
    # A closed network may have no name server that answers; the host name does then.
    pool = ThreadPoolExecutor(max_workers=1)
    lookup = pool.submit(socket.getfqdn, host)
    try:
        return lookup.result(_NAME_LOOKUP_SECONDS)
    except TimeoutError:
        return host
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _is_name(text: str) -> bool:
    try:
        parse_server_name(text)
    except CertwrightError:
        return False
    return True
