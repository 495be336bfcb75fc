"""Certificates from pebble reach a real nginx with no hand on it, by each of the three challenges.

One nginx has three servers, each with a certificate that is due and each with an authority that
proves the name in another way. Once that is set nobody does anything: the node's worker does.
"""

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from tests.conftest import NodeStarter, RunningNode
from tests.contract.services import nginx
from tests.contract.services.adapter import pem_chain, wait_until_written
from tests.interop.acme.dns_server import KEY_NAME, SECRET, DnsServer
from tests.interop.acme.pebble import Pebble
from tests.interop.servers import LOOPBACK, end, free_port, program, wait_until_it_listens
from tests.unit.foreign_authority import ADDRESSES, Issued

from certwright.x509.building import build_intermediate, build_leaf
from certwright.x509.certificate import Certificate
from certwright.x509.keys import (
    KeyType,
    accept_private_key,
    generate_private_key,
    private_key_to_pem,
)
from certwright.x509.names import parse_server_name

CHALLENGES = {
    "todd.corp.example": "http-01",
    "sales.corp.example": "tls-alpn-01",
    "shop.corp.example": "dns-01",
}
SITE = """
server {{
  listen {address}:{port} ssl;
  server_name {name};
  ssl_certificate {folder}/{name}.pem;
  ssl_certificate_key {folder}/{name}.key;
  location / {{ return 200 "{name}"; }}
}}
"""


@dataclass(frozen=True)
class Served:
    """The nginx, and the certificate that each of its servers began with."""

    port: int
    folder: Path
    former: dict[str, Certificate]

    def chain_holds(self, name: str, root: Certificate) -> Certificate:
        """What a client that trusts only `root` is given for `name`; the handshake verifies it."""
        trusting = ssl.create_default_context(cadata=root.pem)
        with (
            socket.create_connection((LOOPBACK, self.port), 10) as plain,
            trusting.wrap_socket(plain, server_hostname=name) as connection,
        ):
            return Certificate.from_der(connection.getpeercert(binary_form=True) or b"")


def due(pebble: Pebble, name: str) -> Issued:
    """A certificate below pebble's root, two thirds of whose time are over."""
    trusting = ssl.create_default_context(cadata=pebble.ca_pem)
    url = f"https://{LOOPBACK}:{pebble.management_port}/root-keys/0"
    with urlopen(url, context=trusting, timeout=10) as answer:
        root_key = accept_private_key(load_pem_private_key(answer.read(), None))
    root, now = pebble.root(), datetime.now(UTC)
    issuing, key = generate_private_key(KeyType.EC_P256), generate_private_key(KeyType.EC_P256)
    intermediate = build_intermediate(
        "Former Issuing",
        issuing.public_key(),
        root,
        root_key,
        organization="Pebble",
        not_before=root.not_before,
        days=365,
        serial=4710,
        addresses=ADDRESSES,
    )
    leaf = build_leaf(
        key.public_key(),
        [parse_server_name(name)],
        name,
        intermediate,
        issuing,
        not_before=now - timedelta(days=70),
        not_after=now + timedelta(days=20),
        serial=4711,
        addresses=ADDRESSES,
    )
    return Issued(leaf, key, (intermediate,))


@pytest.fixture(scope="module")
def served(pebble: Pebble, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """nginx with its three servers."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    (folder / "sites").mkdir()
    former = {name: due(pebble, name) for name in CHALLENGES}
    for name, issued in former.items():
        (folder / f"{name}.pem").write_text(pem_chain(issued))
        (folder / f"{name}.key").write_text(private_key_to_pem(issued.key))
        site = SITE.format(address=LOOPBACK, port=port, name=name, folder=folder)
        (folder / "sites" / f"{name}.conf").write_text(site)
    (folder / "nginx.conf").write_text(nginx.MAIN.format(folder=folder))
    process = subprocess.Popen(
        [program("nginx", "nginx-light"), "-p", str(folder), "-c", str(folder / "nginx.conf")],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_it_listens(process, port)
        wait_until_written(folder / "nginx.pid")
        yield Served(port, folder, {name: issued.leaf for name, issued in former.items()})
    finally:
        end([process])


@pytest.fixture(scope="module")
def node(
    start_module_node: NodeStarter,
    served: Served,
    pebble: Pebble,
    dns_server: DnsServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> RunningNode:
    """A node that is told of the nginx and of pebble, and of nothing else."""
    started = start_module_node()
    folder = tmp_path_factory.mktemp("told")
    (folder / "root.pem").write_text(pebble.root().pem)
    (folder / "directory.pem").write_text(pebble.ca_pem)
    (folder / "tsig").write_text(SECRET)
    started.json("certificates", "import", str(folder / "root.pem"), "--trust-root")
    dns = (
        *("--dns-server", dns_server.place, "--dns-check", dns_server.place),
        *("--tsig-key", KEY_NAME, "--tsig-secret-file", str(folder / "tsig")),
    )
    for challenge in CHALLENGES.values():
        started.json(
            *("authorities", "create", challenge, "--kind", "acme", "--challenge", challenge),
            *("--directory", pebble.directory, "--ca-file", str(folder / "directory.pem")),
            *("--http-port", str(pebble.http_port), "--tls-port", str(pebble.tls_port)),
            *(dns if challenge == "dns-01" else ()),
        )
    started.json(
        *("services", "add", "nginx", "--environment", "cloud", "--yes"),
        *("--config", str(served.folder / "nginx.conf"), "--option", f"prefix={served.folder}"),
    )
    for name, challenge in CHALLENGES.items():
        started.json("settings", "set", f"nginx/{name}.authority", challenge)
    return started


@pytest.mark.parametrize("name", CHALLENGES)
def test_a_certificate_reaches_nginx_with_no_hand_on_it(
    name: str, node: RunningNode, served: Served, pebble: Pebble
) -> None:
    root, deadline = pebble.root(), time.monotonic() + 150
    while (certificate := served.chain_holds(name, root)) == served.former[name]:
        assert time.monotonic() < deadline, node.command("renew", "--due", "--dry-run").stdout
        time.sleep(0.2)
    assert certificate.names == (name,)
    while True:
        (renewal,) = [one for one in node.json("renewals", "list") if one["names"] == [name]]
        if renewal["state"] == "done":
            break
        assert time.monotonic() < deadline, renewal
        time.sleep(0.2)
    assert renewal["authority"] == CHALLENGES[name]
    assert renewal["issued"] == certificate.fingerprint
    assert renewal["certificate"] == served.former[name].fingerprint
