"""Xtract Universal on a whole node, by the command line: renewed, locked out, repaired, reset.

The product itself is not to be had. A folder made as its documentation says stands for it, with a
stand-in that serves TLS by the thumbprints in the settings, and a folder for the Windows
Certificate Store, into which an administrator imports by hand what the node exports.
"""

import contextlib
import json
import shlex
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path

import pytest
from tests.conftest import NodeStarter, RunningNode
from tests.contract.services import stand_in_for_theobald as stand_in
from tests.contract.services.adapter import LOOPBACK, NAME
from tests.interop.servers import free_port
from tests.unit.foreign_authority import ForeignAuthority
from tests.unit.machine.services.theobald.installation import OTHER, both, make_installation

from certwright.machine.services.service_files.replacing import FORMER, PREVIOUS

ENDPOINTS = {"web-server": "webServer", "configuration-server": "configServer"}
"""Each with its section in `tls.json`."""
TLS = "servers/tls.json"


def spaced(thumbprint: str, separator: str) -> str:
    return separator.join(thumbprint[place : place + 2] for place in range(0, 40, 2))


WRITINGS: Mapping[str, Callable[[str], bytes]] = {
    TLS: lambda one: both(one, one),
    "servers/web/certificate.xml": lambda one: (
        f'<webServer thumbprint="{spaced(one, ":")}"/>\r\n'.encode("utf-8-sig")
    ),
    "servers/config/settings.ini": lambda one: (
        f"[designer]\nthumbprint = {spaced(one.upper(), ' ')}".encode()
    ),
    "connections/sap/snc.json": lambda one: (
        b"\xfe\xff" + f'{{"snc": "\u200e{one.upper()}"}}'.encode("utf-16-be")
    ),
}
"""Settings files that hold a thumbprint: case, spacing, encoding and byte order mark of each."""


@dataclass(frozen=True)
class Installation:
    """A folder, and what serves from it at the ports that its settings name."""

    folder: Path
    ports: Mapping[str, int]

    @property
    def config(self) -> Path:
        """Where its settings are."""
        return self.folder / "config"

    @property
    def restart(self) -> list[str]:
        """What stands for the restart of its Windows service."""
        places = [f"{ENDPOINTS[name]}={port}" for name, port in self.ports.items()]
        return [sys.executable, stand_in.__file__, "restart", str(self.folder), *places]

    def start(self) -> None:
        """As its installation does."""
        subprocess.run(self.restart, check=True, timeout=60)

    def add(self, name: str) -> tuple[str, ...]:
        """The command that takes it on under that name."""
        restart = f"--option=restart={shlex.join(self.restart)}"
        return (*self.folder_of("xtract-universal", name), restart, "--yes")

    def folder_of(self, *kind_and_name: str) -> tuple[str, ...]:
        """The command that takes on what lies in its folder."""
        return ("services", "add", *kind_and_name, "--folder", str(self.folder))

    def import_by_hand(self, node: RunningNode, identifier: str) -> str:
        """What a message says to do: out of the node, into the store; returns the thumbprint."""
        exported = self.folder / "exported.pem"
        what = ("certificates", "export", identifier, "--format", "pem", "--with-key", "--force")
        assert node.command(*what, "--out", str(exported)).returncode == 0
        return self.keep(exported.read_text())

    def keep(self, pem: str) -> str:
        """Put a certificate with its key into the store."""
        end = "-----END CERTIFICATE-----"
        leaf = pem[pem.index("-----BEGIN CERT") : pem.index(end) + len(end)]
        der = ssl.PEM_cert_to_DER_cert(leaf)
        thumbprint = sha1(der, usedforsecurity=False).hexdigest()
        (self.folder / "store" / f"{thumbprint}.pem").write_text(pem)
        return thumbprint

    def call(self, endpoint: str, root: Path) -> str:
        """The thumbprint that a client sees which trusts `root`, as the Designer is one."""
        context = ssl.create_default_context(cafile=str(root))
        with (
            socket.create_connection((LOOPBACK, self.ports[endpoint]), 10) as connection,
            context.wrap_socket(connection, server_hostname=NAME) as tls,
        ):
            der = tls.getpeercert(binary_form=True)
        assert der is not None
        return sha1(der, usedforsecurity=False).hexdigest()

    def contents(self) -> dict[str, bytes]:
        """Every file below `config`, but for what is kept beside."""
        files = [path for path in self.config.rglob("*") if path.is_file()]
        return {
            str(path.relative_to(self.config)): path.read_bytes()
            for path in files
            if not path.name.endswith((FORMER, PREVIOUS))
        }


@pytest.fixture(scope="module")
def node(start_module_node: NodeStarter) -> RunningNode:
    return start_module_node("--name", NAME, "--name", "localhost")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An installation without a certificate yet, its ports in its settings."""
    made = Installation(tmp_path, {name: free_port() for name in ENDPOINTS})
    make_installation(tmp_path, both(OTHER, OTHER))
    (tmp_path / "store").mkdir()
    (made.config / TLS).with_name("tls.json.bak").write_text(f'{{"thumbprint": "{OTHER}"}}')
    for folder, ports in {
        "web": {"httpsPort": made.ports["web-server"]},
        "config": {"port": made.ports["configuration-server"]},
    }.items():
        (made.config / "servers" / folder / "general.json").write_text(json.dumps(ports))
    yield made
    stand_in.end(tmp_path)


def test_renewed_every_file_with_the_former_thumbprint_is_changed_and_nothing_else(
    node: RunningNode, installation: Installation
) -> None:
    requested = node.json("request", NAME)["issued"]
    former = installation.import_by_hand(node, requested)
    for path, written in WRITINGS.items():
        (installation.config / path).write_bytes(written(former))
    installation.start()
    before = installation.contents()
    # The certificate lies in the store of its own machine; a handshake tells which it is.
    plan = node.json(*installation.add("renewed"))
    assert [one["certificate"]["thumbprint"] for one in plan["endpoints"]] == [former, former]

    put_off = node.command("renew", requested, "--json")
    assert put_off.returncode == 1
    story = json.loads(put_off.stdout)
    assert story["state"] == "waiting"
    assert story["next"]["at"] is not None
    assert "Local Machine > Personal" in story["sentence"]
    assert installation.contents() == before
    for endpoint in ENDPOINTS:
        assert installation.call(endpoint, node.root_file) == former

    new = installation.import_by_hand(node, story["issued"])
    assert f"certwright certificates export {new} --format pfx --with-key" in story["sentence"]
    node.json("renewals", "now", str(story["id"]))
    wait_until(lambda: {installation.call(one, node.root_file) for one in ENDPOINTS} == {new})
    wait_until(lambda: node.json("renewals", "show", str(story["id"]))["state"] == "done")
    changed = {path: written(new) for path, written in WRITINGS.items()}
    assert installation.contents() == before | changed
    # The two endpoints are switched one after the other: tls.json as it was before the second.
    backups = {path: written(former) for path, written in WRITINGS.items()}
    backups[TLS] = both(former, new)
    for path, content in backups.items():
        file = installation.config / path
        assert file.with_name(f".{file.name}{PREVIOUS}").read_bytes() == content


def wait_until(is_so: Callable[[], bool]) -> None:
    """OSError is that of a service that is being restarted."""
    deadline = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError):
            if is_so():
                return
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_locked_out_by_an_expired_certificate_a_right_one_lets_in_again_and_a_reset_is_another_way(
    node: RunningNode, installation: Installation, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    company = ForeignAuthority(now, "Company")
    issued = company.issue(
        [NAME], not_before=now - timedelta(days=200), not_after=now - timedelta(days=1)
    )
    expired = installation.keep(issued.pem.decode())
    tls = installation.config / TLS
    tls.write_bytes(both(expired, expired))
    installation.start()
    trusted = tmp_path / "company.pem"
    trusted.write_text(company.root.pem)
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        installation.call("configuration-server", trusted)
    plan = node.json(*installation.add("locked-out"))
    assert "expired" in {one["code"] for one in plan["endpoints"][0]["findings"]}

    before = installation.contents()
    own = node.ready["endpoints"]["web-server"]["fingerprint"]
    right = installation.import_by_hand(node, own)
    name = "locked-out/configuration-server"
    assert node.command("select", name, right).returncode == 0
    assert node.json("activate", name)["state"] == "proven"
    assert installation.call("configuration-server", node.root_file) == right
    assert installation.contents() == before | {TLS: both(expired, right)}

    reset = node.command("activate", name, "--reset")
    assert reset.returncode == 0, reset.stderr
    assert "Choose a certificate in its own settings once" in reset.stdout
    assert not tls.exists()
    assert tls.with_name(f".tls.json{PREVIOUS}").read_bytes() == both(expired, right)
    assert in_the_clear(installation.ports["configuration-server"])


def in_the_clear(port: int) -> bool:
    with socket.create_connection((LOOPBACK, port), 10) as connection:
        return connection.recv(100).startswith(b"HTTP/1.1 200")


def test_board_connector_that_board_cloud_calls_demands_a_public_authority(
    node: RunningNode, installation: Installation
) -> None:
    issued = ForeignAuthority(datetime.now(UTC), "Company").issue([NAME])
    used = installation.keep(issued.pem.decode())
    (installation.config / TLS).write_bytes(both(used, used))
    installation.start()
    add = installation.folder_of("board-connector")
    plan = node.json(*add, "--environment", "cloud", "--dry-run")
    assert any("public authorities only" in note for note in plan["notes"])
    for endpoint in plan["endpoints"]:
        found = {one["code"]: one["severity"] for one in endpoint["findings"]}
        assert found["private-ca-for-cloud"] == "error"
