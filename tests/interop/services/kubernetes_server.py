"""What Kubernetes' API documentation says of secrets, as a small HTTPS server: no cluster is here.

It keeps objects, looks at the bearer token, and refuses a patch whose resourceVersion is old.
"""

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.unit.foreign_authority import ForeignAuthority

from certwright.machine.services.service import Option, ServiceReference

from ..servers import LOOPBACK

NAMESPACE, TOKEN = "shop", "token.of.the-account"
PATH = f"/api/v1/namespaces/{NAMESPACE}/secrets"


@dataclass
class KubernetesServer:
    """`secrets` are its objects by name; `before_patch` is called once, when a patch comes."""

    folder: Path
    port: int = 0
    secrets: dict[str, dict[str, Any]] = field(default_factory=dict)
    token: str = TOKEN
    before_patch: list[Callable[[], None]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    """What it says in place of its next answers."""
    calls: list[str] = field(default_factory=list)
    _version: int = 0

    def put(self, name: str, certificate: str, key: str, **more: object) -> None:
        """Make a TLS secret, or write it over, as somebody else would."""
        data = {"tls.crt": certificate, "tls.key": key}
        encoded = {one: base64.b64encode(data[one].encode()).decode() for one in data}
        metadata = {"name": name, "resourceVersion": self.next_version()}
        self.secrets[name] = {
            "kind": "Secret",
            "type": "kubernetes.io/tls",
            "metadata": metadata,
            "data": encoded,
            **more,
        }

    def text(self, name: str, value: str = "tls.crt") -> str:
        """What a secret holds."""
        return base64.b64decode(self.secrets[name]["data"][value]).decode()

    def next_version(self) -> str:
        """A resourceVersion, which is an opaque text."""
        self._version += 1
        return f"v{self._version}"

    def reference(self, **options: str) -> ServiceReference:
        """A secret there as a service."""
        given = {
            "server": f"https://{LOOPBACK}:{self.port}",
            "token-file": str(self.folder / "token"),
            "ca-file": str(self.folder / "ca.crt"),
            "namespace": NAMESPACE,
            "secret": "web-tls",
            **options,
        }
        return ServiceReference(
            "kubernetes", "", tuple(Option(name, given[name]) for name in given)
        )


@contextmanager
def kubernetes_server(folder: Path) -> Iterator[KubernetesServer]:
    """One on a port of loopback, with a certificate of its own authority."""
    authority = ForeignAuthority(datetime.now(UTC), "Cluster")
    (folder / "server.pem").write_bytes(authority.issue([LOOPBACK]).pem)
    (folder / "ca.crt").write_text(authority.root.pem)
    (folder / "token").write_text(f"{TOKEN}\n")
    server = KubernetesServer(folder)
    handler = type("Handler", (_Handler,), {"cluster": server})
    listener = ThreadingHTTPServer((LOOPBACK, 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    # A handshake that fails is an affair of its own thread, which closes the connection.
    listener.socket = context.wrap_socket(
        listener.socket, server_side=True, do_handshake_on_connect=False
    )
    listener.handle_error = lambda *_: None  # type: ignore[method-assign] # clients may hang up
    server.port = listener.server_port
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


class _Handler(BaseHTTPRequestHandler):
    cluster: KubernetesServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's own name
        """Nothing."""

    def do_GET(self) -> None:
        self._do(lambda name, _: (200, self.cluster.secrets[name]))

    def do_DELETE(self) -> None:
        self._do(lambda name, _: (200, {"kind": "Status", "x": self.cluster.secrets.pop(name)}))

    def do_POST(self) -> None:
        self._do(self._create)

    def do_PATCH(self) -> None:
        self._do(self._patch)

    def _do(self, act: Callable[[str, Any], tuple[int, Any]]) -> None:
        cluster = self.cluster
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        cluster.calls.append(f"{self.command} {self.path}")
        if cluster.answers:
            self._answer(*cluster.answers.pop(0))
        elif self.headers["Authorization"] != f"Bearer {cluster.token}":
            self._answer(401, _status(401, "Unauthorized"))
        else:
            path, _, name = self.path.partition(f"{PATH}/")
            assert path in ("", PATH)
            try:
                status, document = act(name, json.loads(body) if body else None)
                self._answer(status, json.dumps(document).encode())
            except KeyError:
                self._answer(404, _status(404, f'secrets "{name}" not found'))

    def _create(self, _: str, document: Any) -> tuple[int, Any]:
        name = document["metadata"]["name"]
        if name in self.cluster.secrets:
            return 409, json.loads(_status(409, f'secrets "{name}" already exists'))
        assert {"tls.crt", "tls.key"} <= set(document["data"])
        document["metadata"]["resourceVersion"] = self.cluster.next_version()
        self.cluster.secrets[name] = document
        return 201, document

    def _patch(self, name: str, document: Any) -> tuple[int, Any]:
        if self.headers["Content-Type"] != "application/merge-patch+json":
            return 415, json.loads(_status(415, "the body of the request was in another format"))
        if self.cluster.before_patch:
            self.cluster.before_patch.pop(0)()
        secret = self.cluster.secrets[name]
        if document["metadata"].pop("resourceVersion") != secret["metadata"]["resourceVersion"]:
            return 409, json.loads(_status(409, "the object has been modified"))
        if secret.get("immutable"):
            return 422, json.loads(_status(422, "field is immutable when `immutable` is set"))
        merge(secret, document)
        secret["metadata"]["resourceVersion"] = self.cluster.next_version()
        return 200, secret

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def merge(target: dict[str, Any], patch: dict[str, Any]) -> None:
    """RFC 7386 2."""
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        elif isinstance(value, dict):
            merge(target.setdefault(name, {}), value)
        else:
            target[name] = value


def _status(code: int, message: str) -> bytes:
    return json.dumps({"kind": "Status", "message": message, "code": code}).encode()
