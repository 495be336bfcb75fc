"""Debian's Knot DNS on loopback: a zone that takes updates signed with TSIG."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dns.message
import dns.query
from dns.rdtypes.txtbase import TXTBase
from tests.interop.servers import (
    LOOPBACK,
    PROGRAM_PATH,
    end,
    free_port,
    program,
    wait_until_it_listens,
)

ZONE = "corp.example"
HOSTS = ("todd", "sales", "shop")
KEY_NAME = "certwright"
SECRET = "6CmG3nUqZ9bhSo7T3sOzdr7zyKqYEhO2HnSUAMzZ2kE="  # gitleaks:allow - of this test alone

_CONFIGURATION = """
server:
    listen: {address}@{port}
    rundir: {folder}
database:
    storage: {folder}
log:
  - target: stderr
    any: error
control:
    listen: {folder}/knot.sock
key:
  - id: {key}
    algorithm: hmac-sha256
    secret: {secret}
  - id: stranger
    algorithm: hmac-sha256
    secret: {secret}
acl:
  - id: updates
    key: {key}
    action: update
zone:
  - domain: {zone}
    storage: {folder}
    file: zone
    acl: updates
"""


@dataclass(frozen=True)
class DnsServer:
    """A running Knot."""

    port: int

    @property
    def place(self) -> str:
        """As settings name it."""
        return f"{LOOPBACK}:{self.port}"

    def texts(self, name: str) -> set[str]:
        """The TXT records of a name."""
        query = dns.message.make_query(f"{name}.", "TXT")
        answer = dns.query.udp(query, LOOPBACK, 5, self.port)
        return {
            b"".join(record.strings).decode()
            for records in answer.answer
            for record in records
            if isinstance(record, TXTBase)
        }


@contextmanager
def running_dns_server(folder: Path) -> Iterator[DnsServer]:
    """A DNS server with `ZONE`, whose `HOSTS` are on loopback, until the end of the block."""
    port = free_port()
    hosts = "".join(f"{host} A {LOOPBACK}\n" for host in HOSTS)
    (folder / "zone").write_text(
        f"$ORIGIN {ZONE}.\n$TTL 5\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\n"
        f"ns A {LOOPBACK}\n@ A {LOOPBACK}\n{hosts}alias CNAME todd\n"
        "_acme-challenge.alias CNAME proofs\n"
    )
    configuration = folder / "knot.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            address=LOOPBACK, port=port, folder=folder, key=KEY_NAME, secret=SECRET, zone=ZONE
        )
    )
    process = subprocess.Popen(
        [program("knotd", "knot"), "-c", str(configuration)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": PROGRAM_PATH},
    )
    try:
        wait_until_it_listens(process, port)
        yield DnsServer(port)
    finally:
        end([process])
