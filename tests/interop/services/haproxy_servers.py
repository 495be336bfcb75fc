"""HAProxy itself, from Debian, on loopback and on files of a test's own."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from certwright.machine.handshake import HandshakeFailed, shake_hands
from certwright.machine.services.pem.certificates import thumbprint_of
from certwright.machine.services.service import Option, ServiceReference

from ..servers import LOOPBACK, end, program


@dataclass
class HAProxyServer:
    """One in the foreground, as master and worker, that answers every call with status 200."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def configuration(self) -> Path:
        """Its main file."""
        return self.folder / "haproxy.cfg"

    @property
    def reference(self) -> ServiceReference:
        """It as a service."""
        return ServiceReference("haproxy", str(self.configuration))

    def served(self) -> str:
        """The thumbprint of what it serves now."""
        hands = shake_hands(LOOPBACK, self.port, "todd.corp.example", timeout_seconds=30)
        return thumbprint_of(hands.chain[0])


def write_configuration(
    folder: Path, port: int, *, crt: str, in_global: str = "", hot: bool = True
) -> Path:
    """A small one, with one TLS socket."""
    stats = f"stats socket {folder}/admin.sock mode 600 level admin" if hot else ""
    file = folder / "haproxy.cfg"
    file.write_text(
        f"global\n  {stats}\n  {in_global}\n"
        "defaults\n  mode http\n  timeout client 20s\n  timeout server 20s\n"
        "  timeout connect 5s\n  timeout http-keep-alive 20s\n"
        f"frontend web\n  bind 127.0.0.1:{port} ssl {crt}\n"
        "  http-request return status 200 content-type text/plain string fine\n"
    )
    return file


@contextmanager
def running_haproxy(
    folder: Path, port: int, *, master: bool = True, command: Sequence[str] = (), **variables: str
) -> Iterator[HAProxyServer]:
    """Start the configuration that lies in `folder`, and wait until it shakes hands."""
    haproxy = program("haproxy", "haproxy")
    start = [haproxy, *(["-W"] if master else []), "-db", "-f", str(folder / "haproxy.cfg")]
    log_file = folder / "haproxy.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [*start, *command], stdout=log, stderr=log, env={**os.environ, **variables}
        )
    server = HAProxyServer(folder, port, process)
    deadline = time.monotonic() + 60
    try:
        while not _is_ready(server, log_file.read_text(), master=master):
            assert process.poll() is None, log_file.read_text()
            assert time.monotonic() < deadline, log_file.read_text()
            time.sleep(0.02)
        yield server
    finally:
        end([process])


def _is_ready(server: HAProxyServer, log: str, *, master: bool) -> bool:
    """Whether it serves; a master says at the end of its start that it heeds signals now."""
    if master and "Loading success" not in log:
        return False
    try:
        server.served()
    except HandshakeFailed:
        return False
    return True


def with_option(reference: ServiceReference, name: str, value: str) -> ServiceReference:
    """The same service with one more option."""
    options = (*reference.options, Option(name, value))
    return ServiceReference(reference.kind, reference.configuration, options)
