"""Requests, handshakes and bytes a second of the front, nginx and Caddy, taking turns.

Each server has one core to itself and one worker; the client and the upstream share the other, so
what is compared is what the server makes of its core.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from statistics import median

from benchmarks.certificates import Pair, make_pair
from benchmarks.programs import pinned, processor_seconds, program
from benchmarks.servers import (
    CIPHER,
    Served,
    caddy_front,
    certwright_front,
    nginx_front,
    nginx_upstream,
)

_ROUNDS = 5
_SECONDS = 3
_SMALL = 1024
_GIB = 1024**3
_MEASURES = (
    "requests_per_second",
    "handshakes_per_second",
    "handshake_processor_ms",
    "download_mb_per_second",
    "download_processor_seconds_per_gib",
)


def measure() -> dict[str, object]:
    """Medians of all rounds, and the ratios of the medians to nginx's."""
    server_core, client_core = _cores()
    pair = make_pair()
    rounds: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory(prefix="certwright-benchmark-", dir="/dev/shm") as root:
        Path(root).chmod(0o755)
        Path(root, "small").write_bytes(bytes(_SMALL))
        with Path(root, "large").open("wb") as large:
            large.truncate(_GIB)  # a hole: read like any file, but takes no memory
        with pinned({client_core}), nginx_upstream(Path(root)) as upstream:
            for _ in range(_ROUNDS):
                for name, serve in _SERVERS.items():
                    with ExitStack() as stack:
                        with pinned({server_core}):
                            served = stack.enter_context(serve(pair, upstream))
                        values = _measure_one(served)
                    for measure_name in _MEASURES:
                        kept = rounds.setdefault(name, {}).setdefault(measure_name, [])
                        kept.append(values[measure_name])
    medians = {
        name: {measure_name: round(median(values), 2) for measure_name, values in kept.items()}
        for name, kept in rounds.items()
    }
    return {
        "rounds": rounds,
        "medians": medians,
        "ratios_to_nginx": {
            name: {
                measure_name: round(value / medians["nginx"][measure_name], 2)
                for measure_name, value in kept.items()
            }
            for name, kept in medians.items()
        },
        "cipher": CIPHER,
        "group": "X25519",
        "goals": {"download_ratio_to_nginx": 0.8},
    }


@contextmanager
def _certwright(pair: Pair, upstream_port: int) -> Iterator[Served]:
    with certwright_front(pair, upstream_port) as (served, _):
        yield served


_SERVERS: dict[str, Callable[[Pair, int], AbstractContextManager[Served]]] = {
    "certwright": _certwright,
    "nginx": nginx_front,
    "caddy": caddy_front,
}


def _cores() -> tuple[int, int]:
    cores = sorted(os.sched_getaffinity(0))
    return cores[0], cores[-1]


def _measure_one(served: Served) -> dict[str, float]:
    base = f"https://127.0.0.1:{served.port}"
    assert _download(f"{base}/small")[0] == _SMALL, "it does not pass calls on"
    requests = _requests_per_second(f"{base}/small")
    before = processor_seconds(served.process_id)
    handshakes, seconds = _handshakes(served.port)
    handshake = (processor_seconds(served.process_id) - before) / handshakes
    before = processor_seconds(served.process_id)
    size, bytes_per_second = _download(f"{base}/large")
    used = processor_seconds(served.process_id) - before
    assert size == _GIB, "the download is not whole"
    return {
        "requests_per_second": requests,
        "handshakes_per_second": handshakes / seconds,
        "handshake_processor_ms": handshake * 1000,
        "download_mb_per_second": bytes_per_second / 1e6,
        "download_processor_seconds_per_gib": used,
    }


def _requests_per_second(url: str) -> float:
    command = [program("wrk"), "-t1", "-c16", f"-d{_SECONDS}s", url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in told, told
    return _number(r"Requests/sec:\s+([\d.]+)", told)


def _handshakes(port: int) -> tuple[float, float]:
    """How many, in how many seconds."""
    command = [program("openssl"), "s_time", "-connect", f"127.0.0.1:{port}", "-new"]
    command += ["-time", str(_SECONDS), "-tls1_3", "-ciphersuites", CIPHER]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    count = _number(r"(\d+) connections in \d+ real seconds", told)
    return count, _number(r"connections in (\d+) real seconds", told)


def _download(url: str) -> tuple[int, float]:
    """Bytes, and bytes a second."""
    command = [program("curl"), "--silent", "--insecure", "--http1.1", "--output", "/dev/null"]
    command += ["--tls13-ciphers", CIPHER, "--write-out", "%{size_download} %{speed_download}"]
    told = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    size, speed = told.split()
    return int(size), float(speed)


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    assert found, text
    return float(found.group(1))
