"""What every `Front` promises: the one the node runs (Envoy), and the one of the tests."""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.front import Front as EnvoyFront
from certwright.front.ports import Ports, hold_port
from certwright.front.settings import FrontSettings
from certwright.lifecycle.server import Front
from certwright.machine.handshake import HandshakeFailed, shake_hands
from certwright.node.processes import Program, SupervisedProcess
from certwright.services.endpoints import EndpointName, OwnEndpoint, WebServerProtocol
from certwright.x509.keys import KeyType, generate_private_key, private_key_to_pem

from ..unit.foreign_authority import Issued, self_signed
from ..unit.tls_front import ADDRESS, TlsFront

WEB, CONFIGURATION = OwnEndpoint.WEB_SERVER, OwnEndpoint.CONFIGURATION_SERVER
Served = tuple[Front, Ports]


def make() -> Issued:
    return self_signed(["localhost"], datetime.now(UTC))


def switch(front: Front, endpoint: EndpointName, issued: Issued) -> None:
    front.switch_certificate(endpoint, issued.leaf.pem, private_key_to_pem(issued.key))


@pytest.fixture
def envoy(tmp_path: Path) -> Iterator[Served]:
    folder = Path(tempfile.mkdtemp(prefix="certwright-test-", dir="/dev/shm"))
    held = ExitStack()
    configuration, http, https, publication = (
        hold_port(held, (ADDRESS,), 0, "a test", "--port") for _ in range(4)
    )
    front = EnvoyFront(
        FrontSettings(
            bind=(ADDRESS,),
            configuration_port=configuration,
            http_port=http,
            https_port=https,
            publication_port=publication,
            server_name="localhost",
            upstream=None,
            runtime_folder=folder,
            app_socket=folder / "app.sock",
        )
    )
    front.prepare()
    for endpoint in OwnEndpoint:
        switch(front, endpoint, make())
    program = Program("front", front.command(), tmp_path / "front.log", dict(os.environ))
    process = SupervisedProcess(lambda _: program)
    process.start()
    front.wait_until_listening(20, lambda: not process.has_ended())
    yield front, Ports(configuration, http, https, publication)
    process.stop(10)
    held.close()
    shutil.rmtree(folder)


@pytest.fixture
def tls() -> Iterator[Served]:
    front = TlsFront()
    front.go_up()
    for endpoint in OwnEndpoint:
        switch(front, endpoint, make())
    yield front, front.ports
    front.go_down()


@pytest.fixture(params=["envoy", "tls"])
def served(request: pytest.FixtureRequest) -> Served:
    found: Served = request.getfixturevalue(request.param)
    return found


def fingerprint_at(ports: Ports, endpoint: EndpointName) -> bytes:
    port = ports.https if endpoint is WEB else ports.configuration
    return shake_hands(ADDRESS, port, "localhost", timeout_seconds=30).chain[0]


def answers(port: int) -> bool:
    try:
        socket.create_connection((ADDRESS, port), 2).close()
    except OSError:
        return False
    return True


def test_switch_shows_at_the_next_handshake(served: Served) -> None:
    front, ports = served
    for _ in range(5):
        issued = make()
        switch(front, WEB, issued)
        assert fingerprint_at(ports, WEB) == issued.leaf.der


def test_endpoints_are_switched_apart(served: Served) -> None:
    front, ports = served
    one, other = make(), make()
    switch(front, WEB, one)
    switch(front, CONFIGURATION, other)
    assert fingerprint_at(ports, WEB) == one.leaf.der
    assert fingerprint_at(ports, CONFIGURATION) == other.leaf.der


def test_same_switch_twice_does_no_harm(served: Served) -> None:
    front, ports = served
    issued = make()
    switch(front, WEB, issued)
    switch(front, WEB, issued)
    assert fingerprint_at(ports, WEB) == issued.leaf.der


def test_key_of_another_is_refused_and_the_former_served_on(served: Served) -> None:
    front, ports = served
    former = make()
    switch(front, WEB, former)
    stranger = private_key_to_pem(generate_private_key(KeyType.EC_P256))
    with pytest.raises(CertwrightError) as error:
        front.switch_certificate(WEB, make().leaf.pem, stranger)
    assert error.value.code is ErrorCode.FRONT_FAILED
    assert "PRIVATE KEY" not in error.value.message + error.value.remedy
    assert fingerprint_at(ports, WEB) == former.leaf.der
    after = make()
    switch(front, WEB, after)  # and the next right one is taken
    assert fingerprint_at(ports, WEB) == after.leaf.der


def wait_until_closed(port: int) -> None:
    """The new port answers once the call is back; the old one closes a moment later."""
    deadline = time.monotonic() + 30
    while answers(port):
        assert time.monotonic() < deadline, f"port {port} still answers"
        time.sleep(0.01)


def test_web_server_listens_as_its_protocol_says(served: Served) -> None:
    front, ports = served
    issued = make()
    switch(front, WEB, issued)
    front.set_web_protocol(WebServerProtocol.HTTP)
    assert answers(ports.http)
    wait_until_closed(ports.https)
    with pytest.raises(HandshakeFailed):
        fingerprint_at(ports, WEB)
    assert fingerprint_at(ports, CONFIGURATION)
    front.set_web_protocol(WebServerProtocol.HTTPS)
    assert fingerprint_at(ports, WEB) == issued.leaf.der
    wait_until_closed(ports.http)


def test_same_protocol_twice_does_no_harm(served: Served) -> None:
    front, ports = served
    issued = make()
    switch(front, WEB, issued)
    for _ in range(2):
        front.set_web_protocol(WebServerProtocol.HTTPS)
        assert fingerprint_at(ports, WEB) == issued.leaf.der
