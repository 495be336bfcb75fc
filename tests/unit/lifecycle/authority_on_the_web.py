"""A company's authorities, one below the other, that publish themselves on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from typing import Any

from certwright.x509.building import (
    AuthorityAddresses,
    build_intermediate,
    build_leaf,
    build_root,
)
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name

from ..foreign_authority import Issued

_serials = count(0x7000)


@dataclass
class Publisher:
    """What lies at which path, and which were asked for."""

    port: int = 0
    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def address(self, path: str) -> str:
        """Where a certificate says that its issuer is."""
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def publishing() -> Iterator[Publisher]:
    """A real HTTP server, until the end of the block."""
    publisher = Publisher()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            publisher.asked.append(self.path)
            page = publisher.pages.get(self.path)
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Length", str(len(page or b"")))
            self.end_headers()
            self.wfile.write(page or b"")

        def log_message(self, *arguments: Any) -> None:
            del arguments

    server = HTTPServer(("127.0.0.1", 0), Handler)
    publisher.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def ladder(
    publisher: Publisher, at: datetime, steps: int
) -> tuple[Issued, tuple[Certificate, ...]]:
    """A leaf for todd.corp.example, and `steps` authorities above it, the last of them a root.

    Each says that its issuer is at /1, /2 and so on; nothing is published yet.
    """
    start = at - timedelta(days=30)
    key = generate_private_key(KeyType.EC_P256)
    top = build_root(
        "Ladder Root", "Ladder", key, not_before=start, days=3000, serial=next(_serials)
    )
    above = [top]
    for step in range(steps - 1, 0, -1):
        below = generate_private_key(KeyType.EC_P256)
        top = build_intermediate(
            f"Ladder {step}",
            below.public_key(),
            top,
            key,
            organization="Ladder",
            not_before=start,
            days=2000,
            serial=next(_serials),
            addresses=_addresses(publisher, step + 1),
            path_length=step - 1,
        )
        key = below
        above.insert(0, top)
    own = generate_private_key(KeyType.EC_P256)
    leaf = build_leaf(
        own.public_key(),
        [parse_server_name("todd.corp.example")],
        "todd.corp.example",
        top,
        key,
        not_before=start,
        not_after=at + timedelta(days=90),
        serial=next(_serials),
        addresses=_addresses(publisher, 1),
    )
    return Issued(leaf, own, ()), tuple(above)


def _addresses(publisher: Publisher, step: int) -> AuthorityAddresses:
    return AuthorityAddresses(publisher.address(f"/{step}"), publisher.address("/crl"))
