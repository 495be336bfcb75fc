"""The node and the two services of a soak, each a process of its own on loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_READY_SECONDS = 90.0
_NGINX = """
pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{}}
http {{
  access_log off; keepalive_requests 100000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl; server_name localhost;
    ssl_certificate {folder}/site.pem; ssl_certificate_key {folder}/site.key;
    location / {{ return 200 "nginx"; }}
  }}
}}
"""
_HAPROXY = """
global
  stats socket {folder}/admin.sock mode 600 level admin
defaults
  mode http
  timeout client 30s
  timeout server 30s
  timeout connect 5s
frontend web
  bind 127.0.0.1:{port} ssl crt {folder}/localhost.pem
  http-request return status 200 content-type text/plain string haproxy
"""


def free_port() -> int:
    """One that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass
class Node:
    """A node that can be killed and started again, always with the same ports."""

    folder: Path
    ports: dict[str, int]
    process: subprocess.Popen[bytes] | None = None
    ready: dict[str, Any] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        """Start it, and wait until it is proven."""
        ready_file = self.folder / "ready.json"
        ready_file.unlink(missing_ok=True)
        ports = [item for name, port in self.ports.items() for item in (f"--{name}", str(port))]
        with (self.folder / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "certwright", "up", "--data", str(self.data)),
                    *("--name", "localhost", "--bind", "127.0.0.1"),
                    *("--ready-file", str(ready_file), *ports),
                ],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + _READY_SECONDS
        while not ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the node did not start: see {self.folder / 'up.log'}")
            time.sleep(0.02)
        self.ready = json.loads(ready_file.read_text())

    def command(self, *arguments: str) -> Any:
        """The answer of a command; raises for one that failed."""
        done = subprocess.run(
            [
                *(sys.executable, "-m", "certwright", *arguments),
                *("--data", str(self.data), "--json"),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        if done.returncode != 0:
            raise RuntimeError(f"certwright {' '.join(arguments)}: {done.stderr or done.stdout}")
        return json.loads(done.stdout)

    def children(self) -> dict[str, int]:
        """Its processes that run now, by what they are."""
        kinds = {
            "certwright.node.app": "application",
            "certwright.node.worker": "worker",
            "postgres": "database",
            "envoy": "front",
        }
        assert self.process is not None
        found: dict[str, int] = {}
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                try:
                    command = Path(f"/proc/{child}/cmdline").read_text()
                except OSError:
                    continue
                found |= {kind: child for part, kind in kinds.items() if part in command}
        return found

    def kill(self, kind: str) -> bool:
        """End one of its processes, or all of it, as a power cut would; False if it is not up."""
        assert self.process is not None
        if kind == "node":
            self.process.kill()
            self.process.wait()
            return True
        process = self.children().get(kind)
        if process is None:
            return False
        os.kill(process, signal.SIGKILL)
        return True

    def stop(self) -> None:
        """As an administrator would."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


@contextmanager
def nginx(folder: Path, chain: str, key: str) -> Iterator[int]:
    """One server; yields its port."""
    port = free_port()
    (folder / "site.pem").write_text(chain)
    _write_secret(folder / "site.key", key)
    configuration = folder / "nginx.conf"
    configuration.write_text(_NGINX.format(folder=folder, port=port))
    with _running(["nginx", "-c", str(configuration), "-g", "daemon off;"], port):
        yield port


@contextmanager
def haproxy(folder: Path, chain: str, key: str) -> Iterator[int]:
    """One TLS socket and a socket for the runtime API; yields its port."""
    port = free_port()
    _write_secret(folder / "localhost.pem", chain + key)
    configuration = folder / "haproxy.cfg"
    configuration.write_text(_HAPROXY.format(folder=folder, port=port))
    with _running(["haproxy", "-W", "-f", str(configuration)], port):
        yield port


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 15
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command[0]} did not start") from None
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _write_secret(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content)
