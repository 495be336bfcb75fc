"""nginx, Apache and HAProxy are reloaded while clients call, and no call fails.

A call fails if a new connection, or the first request on it, does. A server may close a connection
that was kept alive, as RFC 9112 9.3.1 has it: "a client [...] MUST be prepared" for that; then the
client comes again by a new one. HAProxy switched while it runs closes none: test_haproxy.py.
"""

import http.client
import ssl
import threading
import time
from itertools import count

import pytest
from tests.contract.services import apache, haproxy, nginx
from tests.contract.services.adapter import LOOPBACK, Running, ServiceAdapter, pem_material
from tests.interop.services.conftest import StartService, make

CLIENTS = 4
SECONDS = 2.5


class Client(threading.Thread):
    """Calls one after the other until it is told to stop; half of them on kept connections."""

    def __init__(self, port: int, stop: threading.Event, *, keeps: bool) -> None:
        super().__init__(daemon=True)
        self._port, self._stop_calling, self._keeps = port, stop, keeps
        self.good, self.failures = 0, list[str]()

    def run(self) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        while not self._stop_calling.is_set():
            connection = http.client.HTTPSConnection(
                LOOPBACK, self._port, timeout=20, context=context
            )
            for number in count():
                try:
                    connection.request("GET", "/")
                    connection.getresponse().read()
                except (OSError, http.client.HTTPException) as error:
                    if number == 0:
                        self.failures.append(repr(error))
                    break
                self.good += 1
                if not self._keeps or self._stop_calling.is_set():
                    break
            connection.close()


@pytest.mark.parametrize(
    "running",
    [apache.running, nginx.running, haproxy.running_without_socket],
    ids=["apache", "nginx", "haproxy"],
)
def test_no_call_fails_while_certificates_are_switched(
    start_service: StartService, running: Running
) -> None:
    adapter = start_service(running)
    stop = threading.Event()
    clients = [
        Client(adapter.service.find().endpoints[0].addresses[0].port, stop, keeps=bool(number % 2))
        for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    switches, end = 0, time.monotonic() + SECONDS
    while time.monotonic() < end or switches < 2 or not all(client.good for client in clients):
        switch(adapter)
        switches += 1
    stop.set()
    for client in clients:
        client.join(30)
    assert [failure for client in clients for failure in client.failures] == []


def switch(adapter: ServiceAdapter) -> None:
    """Another certificate, until it is seen from outside."""
    issued = make()
    adapter.service.select(adapter.endpoint, pem_material(issued, adapter.current))
    adapter.service.activate(adapter.endpoint)
    deadline = time.monotonic() + 20
    while adapter.served() != issued.leaf.thumbprint:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    adapter.service.confirm(adapter.endpoint)
