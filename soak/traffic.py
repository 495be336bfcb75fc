"""Callers that never pause, and what they saw: answers, failures, and each certificate served."""

import http.client
import ssl
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from certwright.x509.certificate import Certificate

_SECONDS = 10.0
_PAUSE = 0.02
_ON_ONE_CONNECTION = 20
_KEPT_FAILURES = 50


@dataclass(frozen=True)
class Failure:
    """A call that got no answer, when it began and ended, on the steady clock."""

    began: float
    ended: float
    reason: str


@dataclass
class Seen:
    """What one target's callers saw so far."""

    name: str
    calls: int = 0
    handshakes: int = 0
    repeated: int = 0
    """Calls made again since the server closed a kept connection at that very moment."""
    failures: list[Failure] = field(default_factory=list)
    certificates: set[str] = field(default_factory=set)
    expired: int = 0


class Caller(threading.Thread):
    """Calls `https://localhost:port/` again and again, some calls on each connection."""

    def __init__(self, seen: Seen, port: int, root: Path, stop: threading.Event) -> None:
        super().__init__(name=f"caller of {seen.name}")
        self._seen, self._port, self._stop_asked = seen, port, stop
        self._context = ssl.create_default_context(cafile=str(root))

    def run(self) -> None:
        """Until asked to stop."""
        while not self._stop_asked.is_set():
            began = time.monotonic()
            try:
                if self._one_connection():
                    # RFC 9112 9.3.1: a server may close an idle connection at any time, and a
                    # client repeats a call that can be repeated, on another one. Once.
                    self._seen.repeated += 1
                    self._one_connection(calls=1)
            except (OSError, http.client.HTTPException) as error:
                reason = f"{type(error).__name__}: {error}"
                if len(self._seen.failures) < _KEPT_FAILURES * 100:
                    self._seen.failures.append(Failure(began, time.monotonic(), reason))
                time.sleep(_PAUSE)

    def _one_connection(self, calls: int = _ON_ONE_CONNECTION) -> bool:
        """Whether the server closed it between two calls, when the next was on its way."""
        connection = http.client.HTTPSConnection(
            "localhost", self._port, timeout=_SECONDS, context=self._context
        )
        try:
            connection.connect()
            self._look_at(connection)
            for number in range(calls):
                if self._stop_asked.is_set():
                    return False
                try:
                    connection.request("GET", "/")
                    answer = connection.getresponse()
                except (http.client.RemoteDisconnected, ConnectionError):
                    if number == 0:
                        raise
                    return True
                answer.read()
                if answer.status != 200:
                    raise http.client.HTTPException(f"status {answer.status}")
                self._seen.calls += 1
                if answer.will_close:
                    return False  # the server said so: no failure
                time.sleep(_PAUSE)
            return False
        finally:
            connection.close()

    def _look_at(self, connection: http.client.HTTPSConnection) -> None:
        assert isinstance(connection.sock, ssl.SSLSocket)
        der = connection.sock.getpeercert(binary_form=True)
        assert der is not None
        certificate = Certificate.from_der(der)
        self._seen.handshakes += 1
        self._seen.certificates.add(certificate.fingerprint)
        if certificate.not_after < datetime.now(UTC):
            self._seen.expired += 1
