"""How long it takes from nothing to a proven HTTPS server, beside Caddy with its internal CA."""

import json
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.programs import free_port, program, running

_ROUNDS = 3
_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.002
_CADDYFILE = """
{{
  admin off
  skip_install_trust
  http_port {http_port}
  https_port {https_port}
}}
https://localhost:{https_port} {{
  bind 127.0.0.1
  tls internal
  respond "ok"
}}
"""


def measure() -> dict[str, object]:
    """Medians of several rounds, the two taking turns."""
    first: list[float] = []
    second: list[float] = []
    caddy: list[float] = []
    for _ in range(_ROUNDS):
        with tempfile.TemporaryDirectory(prefix="certwright-benchmark-") as folder:
            data = Path(folder, "data")
            first.append(_certwright(data, Path(folder, "first.json")))
            second.append(_certwright(data, Path(folder, "second.json")))
        with tempfile.TemporaryDirectory(prefix="certwright-benchmark-") as folder:
            caddy.append(_caddy(Path(folder)))
    return {
        "first_start_seconds": _rounded(first),
        "second_start_seconds": _rounded(second),
        "caddy_first_handshake_seconds": _rounded(caddy),
        "first_start_median": round(median(first), 3),
        "second_start_median": round(median(second), 3),
        "caddy_median": round(median(caddy), 3),
        "first_start_over_caddy": round(median(first) / median(caddy), 1),
        "goals": {"first_start_median": 3.0, "second_start_median": 2.0},
    }


def _certwright(data: Path, ready_file: Path) -> float:
    """Seconds from the command to the ready file, which is written when both are proven."""
    ports = ("configuration", "http", "https", "publication")
    options = [option for port in ports for option in (f"--{port}-port", "0")]
    command = [program("certwright"), "up", "--data", str(data), "--name", "localhost"]
    command += ["--bind", "127.0.0.1", "--ready-file", str(ready_file), *options]
    begin = time.monotonic()
    with running(command) as process:
        _wait_until(ready_file.exists, process)
        seconds = time.monotonic() - begin
        ready = json.loads(ready_file.read_text())
        verdicts = {endpoint["proof"]["verdict"] for endpoint in ready["endpoints"].values()}
        assert verdicts == {"pass"}, ready
    return seconds


def _caddy(folder: Path) -> float:
    """Seconds from the command to the first handshake that its own root verifies."""
    http_port, https_port = free_port(), free_port()
    file = folder / "Caddyfile"
    file.write_text(_CADDYFILE.format(http_port=http_port, https_port=https_port))
    root = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(file)]
    begin = time.monotonic()
    with running(command, {"XDG_DATA_HOME": str(folder)}) as process:
        _wait_until(lambda: root.exists() and _verifies(https_port, root), process)
        return time.monotonic() - begin


def _verifies(port: int, root: Path) -> bool:
    try:
        context = ssl.create_default_context(cafile=str(root))
        with (
            socket.create_connection(("127.0.0.1", port), 5) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            return connection.version() is not None
    except OSError:
        return False


def _wait_until(is_done: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not is_done():
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"{process.args!r} did not come up")
        time.sleep(_POLL_SECONDS)


def _rounded(seconds: list[float]) -> list[float]:
    return [round(value, 3) for value in seconds]
