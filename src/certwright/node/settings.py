"""What a node was told at its start; the same values reach its web application as JSON."""

import json
import shlex
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.ports import Ports
from certwright.rules.environment import Environment
from certwright.x509.names import ServerName, parse_server_name
from certwright.x509.text import printable

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
    allowed_commands: tuple[tuple[str, ...], ...] = ()
    """What may be run as an authority: each a program from the root on, and its arguments."""
    allowed_services: tuple[str, ...] = ()
    """What may be taken on from afar: each KIND or KIND=CONFIGURATION."""

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
        values["allowed_commands"] = tuple(map(tuple, values["allowed_commands"]))
        values["allowed_services"] = tuple(values["allowed_services"])
        return cls(**values)


def parse_names(texts: Sequence[str]) -> tuple[ServerName, ...]:
    """The server's names, each once, in the order given; raises INVALID_INPUT."""
    return tuple(dict.fromkeys(parse_server_name(text) for text in texts))


def parse_commands(texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """What `allow-command` names, words as a shell would part them; raises INVALID_INPUT."""
    return tuple(map(_parse_command, texts))


def _parse_command(text: str) -> tuple[str, ...]:
    try:
        command = tuple(shlex.split(text))
    except ValueError:
        command = ()
    if not command or not Path(command[0]).is_absolute():
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"allow-command has {printable(text, 100)!r}, which is no command with a whole path.",
            "Write it as /usr/local/bin/sign-request, its arguments after it.",
        )
    return command


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
