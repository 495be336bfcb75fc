"""A hundred certificate swaps under load: what fails, what is dropped, how soon they show."""

import http.client
import json
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median, quantiles

from benchmarks.certificates import make_pair
from benchmarks.servers import certwright_front, nginx_upstream

_SWAPS = 100
_PAUSE_SECONDS = 0.03
_KEPT_ALIVE = 8
_PATIENCE_SECONDS = 5.0
_SMALL = bytes(1024)


def measure() -> dict[str, object]:
    """Callers run in a process of their own, so that they do not slow the watch down."""
    pairs = [make_pair() for _ in range(_SWAPS)]
    with tempfile.TemporaryDirectory(prefix="certwright-benchmark-") as root:
        Path(root).chmod(0o755)
        Path(root, "small").write_bytes(_SMALL)
        with (
            nginx_upstream(Path(root)) as upstream,
            certwright_front(make_pair(), upstream) as (served, front),
        ):
            callers = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.swap", str(served.port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            assert callers.stdout is not None
            callers.stdout.readline()  # all of them have their first answer
            seen: list[float] = []
            for pair in pairs:
                begin = time.monotonic()
                front.switch_certificate("web-server", pair.certificate.pem, pair.key_pem)
                seen.append(_seconds_until_served(served.port, pair.certificate.der, begin))
                time.sleep(_PAUSE_SECONDS)
            told, _ = callers.communicate(b"stop\n", timeout=30)
    milliseconds = [seconds * 1000 for seconds in seen]
    return {
        "swaps": _SWAPS,
        **json.loads(told),
        "visible_p50_ms": round(median(milliseconds), 1),
        "visible_p95_ms": round(quantiles(milliseconds, n=20)[-1], 1),
        "visible_max_ms": round(max(milliseconds), 1),
        "goals": {"failed_requests": 0, "dropped_connections": 0, "visible_p95_ms": 50},
    }


def _seconds_until_served(port: int, der: bytes, begin: float) -> float:
    """From the call of the switch to the end of the first handshake that shows it."""
    context = _anybody()
    while time.monotonic() - begin < _PATIENCE_SECONDS:
        with (
            socket.create_connection(("127.0.0.1", port), 5) as plain,
            context.wrap_socket(plain) as connection,
        ):
            if connection.getpeercert(binary_form=True) == der:
                return time.monotonic() - begin
    raise TimeoutError("the new certificate was not served")


class _Caller(threading.Thread):
    """Calls without a pause, on one connection or on a new one each time."""

    def __init__(self, port: int, *, keeps_alive: bool) -> None:
        super().__init__()
        self._port = port
        self._keeps_alive = keeps_alive
        self._context = _anybody()
        self.answered = threading.Event()
        self.stop = threading.Event()
        self.requests = self.failed = self.dropped = self.connections = 0

    def run(self) -> None:
        connection = self._connect()
        while not self.stop.is_set():
            try:
                connection.request("GET", "/small")
                answer = connection.getresponse()
                self.failed += answer.read() != _SMALL or answer.status != 200
                if self._keeps_alive:
                    self.dropped += answer.will_close
            except (OSError, http.client.HTTPException):
                self.failed += 1
                self.dropped += self._keeps_alive
                connection.close()
            self.requests += 1
            self.answered.set()
            if not self._keeps_alive or connection.sock is None:
                connection.close()
                connection = self._connect()
        connection.close()

    def _connect(self) -> http.client.HTTPSConnection:
        self.connections += 1
        return http.client.HTTPSConnection(
            "127.0.0.1", self._port, timeout=20, context=self._context
        )


def _anybody() -> ssl.SSLContext:
    """Takes any certificate: which one is served is the question, not whether it is good.

    Without the system's roots, for to load them takes 50 ms, ten times what is measured.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _call(port: int) -> None:
    """Until a line comes in; then say as JSON what was seen."""
    callers = [_Caller(port, keeps_alive=True) for _ in range(_KEPT_ALIVE)]
    callers.append(_Caller(port, keeps_alive=False))
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.answered.wait(30)
    print("calling", flush=True)
    sys.stdin.readline()
    for caller in callers:
        caller.stop.set()
    for caller in callers:
        caller.join()
    summary = {
        "requests": sum(caller.requests for caller in callers),
        "new_connections": callers[-1].connections,
        "failed_requests": sum(caller.failed for caller in callers),
        "dropped_connections": sum(caller.dropped for caller in callers),
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    _call(int(sys.argv[1]))
