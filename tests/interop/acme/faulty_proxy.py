"""A server before pebble that fails as real ones do, adds what pebble lacks, and counts."""

import http.client
import json
import ssl
import threading
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socket import socket
from typing import Any

from tests.interop.acme.pebble import Pebble
from tests.interop.servers import LOOPBACK
from tests.unit.machine.servers import serving

PROBLEM = "urn:ietf:params:acme:error:"


@dataclass(frozen=True)
class Reply:
    """An answer; `pieces` are sent one by one with `pause` seconds between."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0

    @property
    def document(self) -> dict[str, Any]:
        """The JSON in it."""
        document: dict[str, Any] = json.loads(self.body)
        return document


@dataclass(frozen=True)
class Call:
    """A request, its signed payload laid open, and what was answered."""

    method: str
    path: str
    payload: dict[str, Any]
    reply: Reply | None = None


_OF_ONE_CONNECTION = ("content-length", "transfer-encoding", "connection", "date")

Fault = Callable[[Call], Reply | None]
Edit = Callable[[Call, Reply], Reply]


@dataclass
class FaultyProxy:
    """What is between: each of `faults` may answer in pebble's place, each of `edits` after it."""

    pebble: Pebble
    port: int = 0
    faults: list[Fault] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    @property
    def directory(self) -> str:
        """Pebble's directory, by way of this."""
        return f"https://{LOOPBACK}:{self.port}/dir"

    def succeeded(self, part: str) -> list[Call]:
        """The signed calls whose path holds `part`, with a status of success."""
        return [
            call
            for call in self.calls
            if part in call.path
            and call.method == "POST"
            and call.reply
            and call.reply.status < 300
        ]

    def answered(self, part: str) -> list[tuple[Call, int]]:
        """The signed calls whose path holds `part`, with their status: none for its nonce alone."""
        return [
            (call, call.reply.status)
            for call in self.calls
            if part in call.path
            and call.method == "POST"
            and call.reply
            and b":badNonce" not in call.reply.body
        ]

    def answer(self, call: Call, headers: Mapping[str, str], body: bytes) -> Reply:
        """What comes back for a call."""
        reply = next((made for fault in self.faults if (made := fault(call)) is not None), None)
        if reply is None:
            reply = self._ask_pebble(call, headers, body)
            for edit in self.edits:
                reply = edit(call, reply)
        self.calls.append(Call(call.method, call.path, call.payload, reply))
        return reply

    def _ask_pebble(self, call: Call, headers: Mapping[str, str], body: bytes) -> Reply:
        trusting = ssl.create_default_context(cadata=self.pebble.ca_pem)
        connection = http.client.HTTPSConnection(
            LOOPBACK, self.pebble.port, timeout=10, context=trusting
        )
        try:
            connection.request(call.method, call.path, body or None, dict(headers))
            answer = connection.getresponse()
            kept: dict[str, str] = {}
            for name, value in answer.getheaders():
                if name.lower() not in _OF_ONE_CONNECTION:
                    kept[name] = f"{kept[name]}, {value}" if name in kept else value
            return Reply(answer.status, answer.read(), kept)
        finally:
            connection.close()


def refusal(kind: str, status: int, detail: str = "", **headers: str) -> Reply:
    """A problem document; `Retry_After` becomes the header field of that name."""
    body = json.dumps({"type": PROBLEM + kind, "detail": detail}).encode()
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, body, {"Content-Type": "application/problem+json", **fields})


def at(part: str, reply: Reply, *, times: int = 1_000_000) -> Fault:
    """Answers signed calls whose path holds `part`, as often as `times`."""
    left = iter(range(times))

    def fault(call: Call) -> Reply | None:
        if call.method == "POST" and part in call.path and next(left, None) is not None:
            return reply
        return None

    return fault


@contextmanager
def faulty_proxy(pebble: Pebble) -> Iterator[FaultyProxy]:
    """A proxy with pebble's own certificate, until the end of the block."""
    proxy = FaultyProxy(pebble)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pebble.identity)

    def answer(connection: socket, over: threading.Event) -> None:
        connection.settimeout(10)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                call = Call(self.command, self.path, _payload(body))
                reply = proxy.answer(call, dict(self.headers.items()), body)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                if reply.pause:
                    over.wait(reply.pause)
                if self.command != "HEAD":
                    self.wfile.write(reply.body)

            do_POST = do_HEAD = do_GET  # noqa: N815 - the base's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's
                """Say nothing."""

        with context.wrap_socket(connection, server_side=True) as stream:
            Handler(stream, (LOOPBACK, 0), None)  # type: ignore[arg-type]

    with serving(answer) as port:
        proxy.port = port
        yield proxy


def _payload(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    encoded = json.loads(body)["payload"]
    decoded = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    payload: dict[str, Any] = json.loads(decoded or b"{}")
    return payload
