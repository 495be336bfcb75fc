"""Questions to a running Envoy, over its administration socket."""

import json
import socket
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote

from certwright.front.files import JsonObject


class EnvoySilent(Exception):  # noqa: N818 - a state that callers wait out, not an error
    """Envoy does not run, or not yet, or does not answer in time."""


class EnvoyAbsent(EnvoySilent):
    """Envoy does not run, or not yet."""


@dataclass(frozen=True)
class ListenerStates:
    """By name: which listeners accept connections, which of them are about to change, and why the
    failing ones do not."""

    active: frozenset[str]
    changing: frozenset[str]
    failures: dict[str, str]


@dataclass(frozen=True)
class Subscription:
    """The last version that was taken over (empty if none yet), and how many were refused."""

    version: str
    refusals: int


@dataclass(frozen=True)
class EnvoyAdmin:
    """Reads only; every change goes through the files that Envoy watches."""

    admin_socket: Path
    timeout_seconds: float = 2.0

    def is_ready(self) -> bool:
        """Whether everything of the first configuration has been taken in; raises EnvoySilent."""
        status, _ = self._get("/ready")
        return status == 200

    def listener_states(self) -> ListenerStates:
        """Raises EnvoySilent."""
        dump = self._dump("dynamic_listeners")
        return ListenerStates(
            active=frozenset(entry["name"] for entry in dump if "active_state" in entry),
            changing=frozenset(entry["name"] for entry in dump if "warming_state" in entry),
            failures=dict(_failure(entry) for entry in dump if "error_state" in entry),
        )

    def subscription(self, prefix: str) -> Subscription | None:
        """What became of a watched file; `prefix` is that of its statistics, `sds.web-server` or
        `listener_manager.lds`. None if no listener uses the file. Raises EnvoySilent.

        For secrets the configuration dump would not do: it shows a refused version, too.
        """
        wanted = f"^{quote(prefix)}.(version_text|update_rejected)$"
        _, body = self._get(f"/stats?filter={wanted}")
        lines = (line.partition(": ") for line in body.decode().splitlines())
        values = {name.removeprefix(f"{prefix}."): value for name, _, value in lines}
        if "update_rejected" not in values:
            return None
        return Subscription(values["version_text"].strip('"'), int(values["update_rejected"]))

    def _dump(self, resource: str) -> list[JsonObject]:
        status, body = self._get(f"/config_dump?resource={resource}")
        if status == 404:  # Envoy's answer while there is none of the kind
            return []
        if status != 200:
            raise EnvoySilent(f"/config_dump answered {status}")
        entries: list[JsonObject] = json.loads(body).get("configs", [])
        return entries

    def _get(self, path: str) -> tuple[int, bytes]:
        connection = _UnixConnection(self.admin_socket, self.timeout_seconds)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise EnvoyAbsent(str(error)) from error
        except (OSError, HTTPException) as error:
            raise EnvoySilent(str(error)) from error
        finally:
            connection.close()


def _failure(entry: JsonObject) -> tuple[str, str]:
    error: JsonObject = entry["error_state"]
    return str(error["failed_configuration"]["name"]), str(error.get("details", "refused"))


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path, timeout_seconds: float) -> None:
        super().__init__("localhost", timeout=timeout_seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
