"""Faults of services met by a whole renewal: the former certificate is served, and it says why.

Each test is named after a row of docs/failure-modes.md. The programs are the real ones, but for the
stand-in that serves from a folder of Xtract Universal's.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from certwright.lifecycle import activation
from certwright.lifecycle.proving import prove_endpoint
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.record import Renewal, RenewalState
from certwright.lifecycle.server import Server
from certwright.machine.open_folders import OpenFolder
from certwright.machine.services.service import Option
from certwright.machine.services.service_files import replacing
from certwright.machine.whole_files import write_whole_in
from certwright.services.endpoints import ServiceEndpoint, get_endpoint
from certwright.stores.database import get_certificate
from certwright.x509.keys import private_key_to_pem

from ...contract.services import apache, haproxy, nginx, theobald
from ...contract.services.adapter import (
    Running,
    ServiceAdapter,
    State,
    pem_chain,
    unwritable,
)
from ...unit.composed_server import Clock
from ...unit.machine.services.theobald.installation import OTHER, both
from .conftest import StartService
from .renewals import SURROUNDINGS, agree, begin, take_on

REFUSING: Mapping[str, tuple[Running, str]] = {
    "apache": (apache.running, "Apache refuses"),
    "haproxy": (haproxy.running, "HAProxy refuses"),
    "nginx": (nginx.running, "nginx refuses"),
}


@dataclass
class CaredFor:
    """A service of the node's, the renewal of its certificate, and its files as they were."""

    server: Server
    clock: Clock
    adapter: ServiceAdapter
    name: ServiceEndpoint
    renewal: int
    before: State

    def fails(self, *words: str) -> Renewal:
        """The renewal says these, waits for its next attempt, and nothing else has changed."""
        with pytest.MonkeyPatch.context() as impatient:
            # Waits for a switch to show for two seconds instead of thirty: it will not.
            impatient.setattr(activation, "_SERVICE_PATIENCE", 2.0)
            put_off = advance(self.server, self.renewal, SURROUNDINGS)
        assert put_off.state is RenewalState.WAITING
        assert put_off.again_at is not None
        assert put_off.again_at > self.server.now()
        for one in words:
            assert one in put_off.sentence
        assert "PRIVATE KEY" not in put_off.sentence
        assert self.adapter.state() == self.before
        with self.server.database.connect() as connection:
            endpoint = get_endpoint(connection, self.name)
        former = self.adapter.current.leaf.fingerprint
        assert endpoint.active is not None
        assert endpoint.saved.certificate == endpoint.active.certificate == former
        return put_off

    def serves_the_former(self) -> None:
        """To whoever shakes hands with it now, and so the node proves it."""
        assert self.adapter.served() == self.adapter.current.leaf.thumbprint
        assert prove_endpoint(self.server, self.name).ok

    def succeeds_next_time(self, put_off: Renewal) -> None:
        """At the moment that it said, now that it was mended."""
        assert put_off.again_at is not None
        self.clock.at = put_off.again_at
        done = advance(self.server, self.renewal, SURROUNDINGS)
        assert done.state is RenewalState.DONE, done.sentence
        assert done.issued is not None
        with self.server.database.connect() as connection:
            new = get_certificate(connection, done.issued).thumbprint
        deadline = time.monotonic() + 30  # an old worker of nginx may answer once more
        while self.adapter.served() != new:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def care_for(server: Server, clock: Clock, adapter: ServiceAdapter, kind: str) -> CaredFor:
    name = take_on(server, adapter, kind)
    renewal = begin(server)
    agree(server, renewal)
    return CaredFor(server, clock, adapter, name, renewal, adapter.state())


@pytest.mark.parametrize("kind", REFUSING)
def test_a_program_that_refuses_its_configuration(
    kind: str, server: Server, clock: Clock, start_service: StartService
) -> None:
    running, words = REFUSING[kind]
    cared_for = care_for(server, clock, start_service(running), kind)
    configuration = Path(cared_for.adapter.service.find().configuration)
    good = configuration.read_text()
    configuration.write_text(f"{good}\nNonsense on;\n")  # an administrator was interrupted
    put_off = cared_for.fails(words, "onsense", "Mend what")
    cared_for.serves_the_former()
    configuration.write_text(good)
    cared_for.succeeds_next_time(put_off)


def test_a_service_that_does_not_come_back_after_its_reload(
    server: Server, clock: Clock, start_service: StartService, folder: Path
) -> None:
    adapter = start_service(nginx.running)
    with reloaded_by(adapter, folder, RESTART) as restarted:
        (folder / "fails-once").touch()
        cared_for = care_for(server, clock, restarted, "nginx")
        put_off = cared_for.fails("ended with exit code 1", "no memory left")
        cared_for.serves_the_former()
        cared_for.succeeds_next_time(put_off)


def test_a_reload_that_ends_the_program(
    server: Server, clock: Clock, start_service: StartService, folder: Path
) -> None:
    adapter = start_service(nginx.running)
    with reloaded_by(adapter, folder, "kill $(cat nginx.pid)\n") as ended:
        cared_for = care_for(server, clock, ended, "nginx")
        put_off = cared_for.fails("Nothing listens", "not served there either")
        (folder / "reload").write_text(RESTART.format(nginx=option(adapter, "program")))
        subprocess.run(["sh", "reload"], cwd=folder, check=True)
        cared_for.serves_the_former()
        cared_for.succeeds_next_time(put_off)


RESTART = """
kill $(cat nginx.pid) 2>/dev/null
while test -e nginx.pid && kill -0 $(cat nginx.pid) 2>/dev/null; do sleep 0.02; done
if test -e fails-once; then rm fails-once; echo "no memory left" >&2; exit 1; fi
rm -f nginx.pid
setsid {nginx} -p "$PWD" -c "$PWD/nginx.conf" </dev/null >/dev/null 2>&1 &
while ! test -s nginx.pid; do sleep 0.02; done
"""
"""What stands for a service manager: ended, started again, waited for."""


def option(adapter: ServiceAdapter, name: str) -> str:
    assert adapter.reference is not None
    return adapter.reference.option(name)


@contextmanager
def reloaded_by(adapter: ServiceAdapter, folder: Path, script: str) -> Iterator[ServiceAdapter]:
    """The same service with a reload of the administrator's own."""
    assert adapter.reference is not None
    (folder / "reload").write_text(script.format(nginx=option(adapter, "program")))
    command = f"sh -c 'cd {folder} && . ./reload'"
    options = (*adapter.reference.options, Option("reload", command))
    try:
        yield replace(adapter, reference=replace(adapter.reference, options=options))
    finally:
        end_nginx(folder)


def end_nginx(folder: Path) -> None:
    """The pid file goes last, as nginx ends."""
    file = folder / "nginx.pid"
    os.kill(int(file.read_text()), signal.SIGTERM)
    deadline = time.monotonic() + 20
    while file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_program_that_does_not_run(
    server: Server, clock: Clock, start_service: StartService, folder: Path
) -> None:
    adapter = start_service(nginx.running)
    cared_for = care_for(server, clock, adapter, "nginx")
    end_nginx(folder)
    put_off = cared_for.fails("nginx does not run", "Start nginx", "not served there either")
    with reloaded_by(adapter, folder, RESTART):
        subprocess.run(["sh", "reload"], cwd=folder, check=True)
        cared_for.serves_the_former()
        cared_for.succeeds_next_time(put_off)


def test_a_place_that_is_read_only(
    server: Server, clock: Clock, start_service: StartService
) -> None:
    cared_for = care_for(server, clock, start_service(nginx.running), "nginx")
    key, _ = cared_for.adapter.files
    with unwritable(key.parent):
        put_off = cared_for.fails(str(key), "cannot be written", "immutable")
    cared_for.serves_the_former()
    cared_for.succeeds_next_time(put_off)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_disk_that_is_full(
    server: Server, clock: Clock, start_service: StartService, folder: Path
) -> None:
    with small_disk(folder / "tls"):
        cared_for = care_for(server, clock, start_service(nginx.running), "nginx")
        filler = folder / "tls" / "private" / "core"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(bytes(1 << 20))
        cared_for.before = cared_for.adapter.state()
        put_off = cared_for.fails("No space left", "Make room")
        cared_for.serves_the_former()
        filler.unlink()
        cared_for.succeeds_next_time(put_off)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of 64 KiB."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_transaction_of_somebody_else(
    server: Server, clock: Clock, start_service: StartService, folder: Path
) -> None:
    cared_for = care_for(server, clock, start_service(haproxy.running), "haproxy")
    other, issued = folder / "other.pem", cared_for.adapter.current
    pem = pem_chain(issued) + private_key_to_pem(issued.key)
    assert "New empty" in said_by_haproxy(folder, f"new ssl cert {other}")
    assert "created" in said_by_haproxy(folder, f"set ssl cert {other} <<\n{pem}\n")
    put_off = cared_for.fails("Somebody else")
    cared_for.serves_the_former()
    assert "aborted" in said_by_haproxy(folder, f"abort ssl cert {other}")
    cared_for.succeeds_next_time(put_off)


def said_by_haproxy(folder: Path, command: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(folder / "admin.sock"))
        connection.sendall(f"{command}\n".encode())
        return connection.recv(1000).decode()


def test_a_settings_file_that_is_read_only(
    server: Server, clock: Clock, start_service: StartService, folder: Path
) -> None:
    cared_for = care_for(server, clock, start_service(theobald.running), "xtract-universal")
    process = (folder / "pid").read_text()
    (tls,) = cared_for.adapter.files
    tls.chmod(0o444)
    cared_for.before = cared_for.adapter.state()
    put_off = cared_for.fails("marked as read-only", str(tls))
    cared_for.serves_the_former()
    assert (folder / "pid").read_text() == process  # nothing was changed: why restart it?
    tls.chmod(0o644)
    import_issued(server, folder, put_off)
    cared_for.succeeds_next_time(put_off)


def test_a_settings_file_that_is_changed_meanwhile(
    server: Server,
    clock: Clock,
    start_service: StartService,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cared_for = care_for(server, clock, start_service(theobald.running), "xtract-universal")
    (tls,) = cared_for.adapter.files
    used = cared_for.adapter.current.leaf.thumbprint
    theirs = both(used, OTHER).replace("Machine".encode("utf-16-le"), "M".encode("utf-16-le"))

    def saved_meanwhile(opened: OpenFolder, name: str, *arguments: Any) -> None:
        if name == tls.name:  # in the Designer, between our look and our writing
            tls.write_bytes(theirs)
            cared_for.before = {**cared_for.before, tls: cared_for.adapter.state()[tls]}
        write_whole_in(opened, name, *arguments)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(replacing, "write_whole_in", saved_meanwhile)
        put_off = cared_for.fails("changed by somebody else meanwhile", str(tls))
    assert tls.read_bytes() == theirs
    cared_for.serves_the_former()
    new = import_issued(server, folder, put_off)
    cared_for.succeeds_next_time(put_off)
    assert tls.read_bytes() == theirs.replace(
        used.upper().encode("utf-16-le"), new.upper().encode("utf-16-le")
    )


def import_issued(server: Server, folder: Path, renewal: Renewal) -> str:
    """As an administrator does, into what stands for the store; returns the thumbprint."""
    assert renewal.issued is not None
    with server.database.connect() as connection:
        leaf = get_certificate(connection, renewal.issued)
        key = server.vault.get(connection, leaf.key_fingerprint)
    (folder / "store" / f"{leaf.thumbprint}.pem").write_text(leaf.pem + private_key_to_pem(key))
    return leaf.thumbprint
