"""Debian's HAProxy, switched while it serves."""

import dataclasses
import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.machine.services.materials import material

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.haproxy.process import running_with
from certwright.machine.services.haproxy.service import HAProxy
from certwright.machine.services.service import Material, ServiceReference

from ..servers import free_port, program
from .haproxy_servers import HAProxyServer, running_haproxy, with_option, write_configuration

FIRST = material()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "todd.pem").write_text(FIRST.chain + FIRST.private_key)
    return tmp_path


@pytest.fixture
def hot(place: Path) -> Iterator[HAProxyServer]:
    port = free_port()
    write_configuration(place, port, crt=f"crt {place}/todd.pem")
    with running_haproxy(place, port) as server:
        yield server


@pytest.fixture
def reloaded(place: Path) -> Iterator[HAProxyServer]:
    """One without a socket for its runtime API."""
    port = free_port()
    write_configuration(place, port, crt=f"crt {place}/todd.pem", hot=False)
    with running_haproxy(place, port) as server:
        yield server


def switch(server: HAProxyServer, new: Material) -> str:
    service = HAProxy(server.reference)
    endpoint = service.find().endpoints[0].name
    service.select(endpoint, new)
    return service.activate(endpoint)


def until_served(server: HAProxyServer, thumbprint: str) -> None:
    deadline = time.monotonic() + 30
    while server.served() != thumbprint:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_it_serves_is_found(hot: HAProxyServer) -> None:
    found = HAProxy(hot.reference).find()
    (endpoint,) = found.endpoints
    assert endpoint.thumbprint == hot.served() == FIRST.thumbprint
    assert [one.port for one in endpoint.addresses] == [hot.port]
    assert found.version.startswith("HAProxy ")
    assert not found.interrupts
    assert found.notes == ()


def test_it_is_switched_without_a_reload_and_back(hot: HAProxyServer) -> None:
    new = material()
    assert "while it runs" in switch(hot, new)
    assert hot.served() == new.thumbprint
    service = HAProxy(hot.reference)
    service.undo("todd")
    assert hot.served() == new.thumbprint
    service.activate("todd")
    assert hot.served() == FIRST.thumbprint


@pytest.mark.parametrize("layout", ["key apart", "folder", "list", "spaces", "relative"])
def test_every_way_of_naming_a_certificate_is_switched_hot(layout: str, place: Path) -> None:
    pem, in_global = place / "todd.pem", ""
    match layout:
        case "key apart":
            pem.write_text(FIRST.chain)
            (place / "todd.pem.key").write_text(FIRST.private_key)
            crt = f"crt {pem}"
        case "folder":
            (place / "certificates").mkdir()
            pem.rename(place / "certificates" / "todd.pem")
            crt = f"crt {place}/certificates/"
        case "list":
            (place / "all.list").write_text(f"# all\n\n{pem} [alpn h2] todd.corp.example\n")
            crt = f"crt-list {place}/all.list"
        case "spaces":
            (place / "a b;c").mkdir()
            pem.rename(place / "a b;c" / "todd.pem")
            crt = f"crt '{place}/a b;c/todd.pem' alpn h2"
        case _:
            in_global, crt = f"crt-base {place}", "crt todd.pem # the one"
    port = free_port()
    write_configuration(place, port, crt=crt, in_global=in_global)
    with running_haproxy(place, port) as server:
        new = material()
        switch(server, new)
        assert server.served() == new.thumbprint


def test_all_files_and_variables_that_it_was_started_with_count(place: Path) -> None:
    port = free_port()
    main = write_configuration(place, port, crt='crt "${HERE}/todd.pem"')
    more = place / "conf.d"
    more.mkdir()
    (place / "second.pem").write_text(FIRST.chain + FIRST.private_key)
    (more / "b.cfg").write_text(
        f"frontend second\n bind 127.0.0.1:{free_port()} ssl crt second.pem\n"
        " http-request return status 200\n"
    )
    (more / "a.cfg").write_text(f"global\n crt-base {place}\n")
    (more / "other.txt").write_text("not read")
    command = ["-f", str(more)]
    with running_haproxy(place, port, command=command, HERE=str(place)) as server:
        found = HAProxy(server.reference).find()
        assert [one.name for one in found.endpoints] == ["todd", "second"]
        new = material()
        service = HAProxy(ServiceReference("haproxy", str(more)))
        for endpoint in ("todd", "second"):
            service.select(endpoint, new)
            service.activate(endpoint)
        assert server.served() == new.thumbprint
        assert HAProxy(server.reference).find().configuration == str(main)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another account")
def test_what_another_account_or_program_calls_haproxy_is_not_believed(place: Path) -> None:
    file = write_configuration(place, 1, crt=f"crt {place}/todd.pem")
    line = ["haproxy", "-c", "print(flush=True); input()", "-f", str(file)]
    python, haproxy = "/usr/bin/python3", program("haproxy", "haproxy")
    for account, wanted, is_seen in (
        (0, python, True),
        (65534, python, False),
        (0, haproxy, False),
    ):
        with subprocess.Popen(
            line,
            executable=python,
            user=account,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert (running_with(file, wanted) is not None) == is_seen
            process.communicate(b"\n")


def test_what_brings_libraries_into_it_is_not_taken_over(place: Path) -> None:
    port = free_port()
    file = write_configuration(place, port, crt=f"crt {place}/todd.pem")
    here = str(place)
    with running_haproxy(place, port, LD_LIBRARY_PATH=here, GCONV_PATH=here, HERE=here):
        running = running_with(file, program("haproxy", "haproxy"))
    assert running is not None
    assert running.environment["HERE"] == here
    assert not running.environment.keys() & {"LD_LIBRARY_PATH", "GCONV_PATH"}


def test_what_is_kept_in_a_folder_is_no_certificate_of_its_own(place: Path) -> None:
    (place / "certificates").mkdir()
    (place / "todd.pem").rename(place / "certificates" / "todd.pem")
    port = free_port()
    write_configuration(place, port, crt=f"crt {place}/certificates", hot=False)
    with running_haproxy(place, port) as server:
        new = material()
        switch(server, new)
        until_served(server, new.thumbprint)
        service = HAProxy(server.reference)
        service.confirm("todd")
        assert [one.name for one in service.find().endpoints] == ["todd"]
        assert len(list((place / "certificates").iterdir())) == 2


def test_without_a_socket_it_is_reloaded_and_that_is_said(reloaded: HAProxyServer) -> None:
    found = HAProxy(reloaded.reference).find()
    assert found.interrupts
    assert "closes idle connections" in " ".join(found.notes)
    new = material()
    assert "was reloaded" in switch(reloaded, new)
    until_served(reloaded, new.thumbprint)


def test_a_reload_command_of_ones_own_is_run(reloaded: HAProxyServer) -> None:
    reference = with_option(reloaded.reference, "reload", f"kill -USR2 {reloaded.process.pid}")
    new = material()
    service = HAProxy(reference)
    service.select("todd", new)
    assert service.activate("todd") == f"kill -USR2 {reloaded.process.pid}"
    until_served(reloaded, new.thumbprint)


def test_without_a_master_or_socket_it_says_what_to_do(place: Path) -> None:
    port = free_port()
    write_configuration(place, port, crt=f"crt {place}/todd.pem", hot=False)
    with (
        running_haproxy(place, port, master=False) as server,
        pytest.raises(MachineError, match="without a master") as refused,
    ):
        switch(server, material())
    assert "-W" in refused.value.remedy


def test_a_certificate_that_it_has_not_loaded_needs_one_reload(hot: HAProxyServer) -> None:
    second = hot.folder / "second.pem"
    second.write_text(FIRST.chain + FIRST.private_key)
    text = hot.configuration.read_text()
    hot.configuration.write_text(text.replace("todd.pem", f"todd.pem crt {second}"))
    with pytest.raises(MachineError, match="has not loaded") as refused:
        HAProxy(hot.reference).activate("second")
    assert "Reload HAProxy once" in refused.value.remedy


def test_a_configuration_that_it_refuses_leaves_the_former_in_place(hot: HAProxyServer) -> None:
    hot.configuration.write_text(hot.configuration.read_text() + "\n  no such keyword\n")
    before = (hot.folder / "todd.pem").read_bytes()
    with pytest.raises(MachineError, match="refuses the configuration") as refused:
        HAProxy(hot.reference).select("todd", material())
    assert refused.value.code is FailureCode.SERVICE_FAILED
    assert (hot.folder / "todd.pem").read_bytes() == before


def test_a_chain_too_large_for_its_buffer_is_refused_and_what_was_served_stays(
    hot: HAProxyServer,
) -> None:
    new = material()
    others = new.chain[new.chain.index("-----END") :].split("\n", 1)[1]
    large = dataclasses.replace(new, chain=new.chain + others * 30)
    service = HAProxy(hot.reference)
    service.select("todd", large)
    with pytest.raises(MachineError, match="refuses the certificate") as refused:
        service.activate("todd")
    assert "tune.bufsize" in refused.value.remedy
    assert hot.served() == FIRST.thumbprint


def test_somebody_elses_open_transaction_is_left_alone(place: Path) -> None:
    (place / "second.pem").write_text(FIRST.chain + FIRST.private_key)
    port = free_port()
    write_configuration(place, port, crt=f"crt {place}/todd.pem crt {place}/second.pem")
    with running_haproxy(place, port) as server:
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(str(place / "admin.sock"))
            pem = FIRST.chain + FIRST.private_key
            other.sendall(f"set ssl cert {place}/second.pem <<\n{pem}\n\n".encode())
            assert b"created" in other.recv(1000)
        with pytest.raises(MachineError, match="Somebody else") as refused:
            switch(server, material())
        assert refused.value.code is FailureCode.BUSY


def test_one_that_does_not_run_is_told_of(place: Path) -> None:
    for hot in (True, False):
        file = write_configuration(place, 1, crt=f"crt {place}/todd.pem", hot=hot)
        service = HAProxy(ServiceReference("haproxy", str(file)))
        with pytest.raises(
            MachineError, match=r"does not answer|No HAProxy of this account"
        ) as refused:
            service.activate("todd")
        assert "Start it" in refused.value.remedy


def test_a_socket_below_the_level_admin_is_not_used(place: Path) -> None:
    port = free_port()
    file = write_configuration(place, port, crt=f"crt {place}/todd.pem")
    file.write_text(file.read_text().replace("level admin", "level operator"))
    assert HAProxy(ServiceReference("haproxy", str(file))).find().interrupts


class Clients:
    """Calls without a pause: over connections that are kept, and over new ones."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ended = threading.Event()
        self.calls = 0
        self.failures: list[str] = []
        self._threads = [
            threading.Thread(target=self._call, args=(kept,)) for kept in (True, True, False)
        ]

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _call(self, kept: bool) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        while not self._ended.is_set():
            try:
                with (
                    socket.create_connection(("127.0.0.1", self._port), 20) as plain,
                    context.wrap_socket(plain) as tls,
                ):
                    while not self._ended.is_set():
                        tls.sendall(b"GET / HTTP/1.1\r\nHost: todd\r\n\r\n")
                        if b" 200 " not in tls.recv(4096):
                            self.failures.append("no answer")
                            break
                        self.calls += 1
                        if not kept:
                            break
            except OSError as error:
                self.failures.append(repr(error))


def test_no_call_fails_while_it_is_switched_over_and_over(hot: HAProxyServer) -> None:
    first, second = material(), material()
    with Clients(hot.port) as clients:
        ends = time.monotonic() + 3
        switches = 0
        while time.monotonic() < ends or switches < 3 or clients.calls <= 100:
            switch(hot, (first, second)[switches % 2])
            switches += 1
    assert clients.failures == []
    assert hot.served() == (first, second)[(switches - 1) % 2].thumbprint
