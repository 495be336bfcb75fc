"""What only the real nginx and Apache can tell: chains, combined files, refusals, and their end."""

import dataclasses
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.contract.services import apache, nginx
from tests.contract.services.adapter import (
    LOOPBACK,
    NAME,
    Running,
    ServiceAdapter,
    pem_material,
    served_at,
)
from tests.interop.servers import free_port, wait_until_open
from tests.interop.services.conftest import StartService, make
from tests.unit.foreign_authority import Issued

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.handshake import HandshakeFailed, shake_hands
from certwright.machine.services.activation.reloading import running_process
from certwright.x509.keys import private_key_to_pem

BOTH = pytest.mark.parametrize("running", [apache.running, nginx.running], ids=["apache", "nginx"])


def configuration(adapter: ServiceAdapter) -> Path:
    return Path(adapter.service.find().configuration)


def served_chain(adapter: ServiceAdapter) -> list[bytes]:
    port = adapter.service.find().endpoints[0].addresses[0].port
    return list(shake_hands(LOOPBACK, port, NAME).chain)


def switch(adapter: ServiceAdapter, issued: Issued) -> None:
    adapter.service.select(adapter.endpoint, pem_material(issued, adapter.current))
    adapter.service.activate(adapter.endpoint)
    wait_until_served(adapter, issued)


def wait_until_served(adapter: ServiceAdapter, issued: Issued) -> None:
    deadline = time.monotonic() + 20
    while adapter.served() != issued.leaf.thumbprint:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    "running",
    [apache.running, apache.running_with_chain_file, nginx.running],
    ids=["apache", "apache with a chain's file", "nginx"],
)
def test_intermediate_is_served_once_and_the_root_never(
    start_service: StartService, running: Running
) -> None:
    adapter, issued = start_service(running), make()
    switch(adapter, issued)
    deadline = time.monotonic() + 20
    # A worker of before may answer once more, though one with the new certificate has done so.
    while (chain := served_chain(adapter))[0] != issued.leaf.der:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert chain == [issued.leaf.der, issued.chain[0].der]


@BOTH
def test_one_file_for_both_holds_both_and_keeps_its_parameters(
    start_service: StartService, running: Running
) -> None:
    adapter, issued = start_service(running), make()
    key, certificate = adapter.files
    parameters = subprocess.run(
        ["openssl", "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    certificate.write_text(certificate.read_text() + key.read_text() + parameters)
    certificate.chmod(0o600)
    key.unlink()
    (site,) = configuration(adapter).parent.glob("sites*/site.conf")
    site.write_text(site.read_text().replace("private/site.key", "site.pem"))
    switch(adapter, issued)
    text = certificate.read_text()
    assert issued.leaf.pem in text
    assert private_key_to_pem(issued.key) in text
    assert parameters in text
    assert not key.exists()


@BOTH
def test_program_that_refuses_its_configuration_is_repeated_and_undone(
    start_service: StartService, running: Running
) -> None:
    adapter = start_service(running)
    main = configuration(adapter)
    main.write_text(f"{main.read_text()}\nNonsense on;\n")
    before = adapter.state()
    with pytest.raises(MachineError, match=r"(?i)nonsense") as refused:
        adapter.service.select(adapter.endpoint, pem_material(make(), adapter.current))
    assert refused.value.code is FailureCode.SERVICE_FAILED
    assert adapter.state() == before
    assert adapter.served() == adapter.current.leaf.thumbprint


@BOTH
def test_pair_that_others_broke_is_not_activated(
    start_service: StartService, running: Running
) -> None:
    adapter = start_service(running)
    adapter.files[0].write_text(private_key_to_pem(make().key))
    with pytest.raises(MachineError, match=r"(?i)key.values.mismatch") as refused:
        adapter.service.activate(adapter.endpoint)
    assert refused.value.code is FailureCode.SERVICE_FAILED
    assert adapter.served() == adapter.current.leaf.thumbprint


def test_graceful_restart_with_a_key_that_does_not_fit_is_the_end_of_apache(
    start_service: StartService,
) -> None:
    """Why the pairs are looked at: Apache's own test of the configuration finds no fault."""
    adapter = start_service(apache.running)
    adapter.files[0].write_text(private_key_to_pem(make().key))
    os.kill(process_of(adapter), signal.SIGUSR1)
    wait_until_gone(adapter)


@BOTH
def test_program_that_does_not_run_is_to_be_started(
    start_service: StartService, running: Running
) -> None:
    adapter = start_service(running)
    file = pid_file(adapter)
    os.kill(process_of(adapter), signal.SIGTERM)
    deadline = time.monotonic() + 20
    while running_process(file):  # for a moment after it takes no connection any more
        assert time.monotonic() < deadline
        time.sleep(0.02)
    with pytest.raises(MachineError, match="does not run") as refused:
        adapter.service.activate(adapter.endpoint)
    assert refused.value.code is FailureCode.SERVICE_FAILED


@BOTH
def test_file_that_is_neither_certificate_nor_key_is_left_alone(
    start_service: StartService, running: Running
) -> None:
    adapter = start_service(running)
    adapter.files[1].write_text("root:x:0:0:root:/root:/bin/sh\n")
    before = adapter.state()
    with pytest.raises(MachineError, match="left alone") as refused:
        adapter.service.select(adapter.endpoint, pem_material(make(), adapter.current))
    assert refused.value.code is FailureCode.INVALID_INPUT
    assert adapter.state() == before


def test_virtual_host_has_tls_by_the_protocol_of_its_port(start_service: StartService) -> None:
    adapter, issued = start_service(apache.running_by_protocol), make()
    switch(adapter, issued)
    (endpoint,) = adapter.service.find().endpoints
    assert endpoint.thumbprint == issued.leaf.thumbprint


def test_two_servers_are_switched_apart(start_service: StartService) -> None:
    adapter, other, issued = start_service(nginx.running), make(), make()
    tls = adapter.files[1].parent
    for path, text in {"b.pem": other.leaf.pem, "b.key": private_key_to_pem(other.key)}.items():
        (tls / path).write_text(text)
    port = free_port()
    (configuration(adapter).parent / "sites" / "b.conf").write_text(
        f"server {{ listen {LOOPBACK}:{port} ssl; server_name b.example; "
        "ssl_certificate tls/b.pem; ssl_certificate_key tls/b.key; }"
    )
    adapter.service.activate(adapter.endpoint)
    wait_until_open(port)  # it reloads behind the back of who asked for it
    names = [endpoint.name for endpoint in adapter.service.find().endpoints]
    assert names == ["b.example", NAME]
    adapter.service.select("b.example", pem_material(issued, other))
    adapter.service.activate("b.example")
    beside = dataclasses.replace(adapter, served=served_at(port))
    wait_until_served(beside, issued)
    assert adapter.served() == adapter.current.leaf.thumbprint


def pid_file(adapter: ServiceAdapter) -> Path:
    (file,) = configuration(adapter).parent.rglob("*.pid")
    return file


def process_of(adapter: ServiceAdapter) -> int:
    return int(pid_file(adapter).read_text())


def wait_until_gone(adapter: ServiceAdapter) -> None:
    deadline = time.monotonic() + 20
    while answers(adapter):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answers(adapter: ServiceAdapter) -> bool:
    try:
        adapter.served()
    except HandshakeFailed:
        return False
    return True
