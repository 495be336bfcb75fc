"""Debian's pebble on loopback: an ACME server that rejects every second nonce."""

import json
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from tests.interop.servers import (
    LOOPBACK,
    PROGRAM_PATH,
    end,
    free_port,
    program,
    wait_until_it_listens,
)
from tests.materials.openssl_authority import OpensslAuthority

from certwright.x509.certificate import Certificate
from certwright.x509.pem import read_pem_certificates

EAB_IDENTIFIER = "customer-1"
EAB_HMAC_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
EAB_ODD_IDENTIFIER, EAB_ODD_HMAC_KEY = "customer-3", "_-8-_7lAdGVzdC1rZXktb2Ytb25lLXRlc3QtYWxvbmU"
BLOCKED = "blocked.example"
"""Two labels: pebble 2.4.0 fails on names that have fewer labels than an entry of its list."""


@dataclass(frozen=True)
class Pebble:
    """A running pebble, and what it was made with."""

    port: int
    management_port: int
    http_port: int
    tls_port: int
    ca_pem: str
    identity: tuple[Path, Path]
    """Certificate and key for 127.0.0.1, which a proxy before it may use as well."""

    @property
    def directory(self) -> str:
        """The address of its directory."""
        return f"https://{LOOPBACK}:{self.port}/dir"

    def root(self, number: int = 0) -> Certificate:
        """The root of one of its chains."""
        trusting = ssl.create_default_context(cadata=self.ca_pem)
        url = f"https://{LOOPBACK}:{self.management_port}/roots/{number}"
        with urlopen(url, context=trusting, timeout=10) as answer:
            (certificate,) = read_pem_certificates(answer.read())
        return certificate


@contextmanager
def running_pebble(
    folder: Path, dns_port: int, *, eab: bool = False, authorization_reuse: int = 0
) -> Iterator[Pebble]:
    """A pebble that asks the DNS server at `dns_port`, until the end of the block."""
    authority = OpensslAuthority.make(folder / "ca")
    authority.issue("pebble", alternative_names=f"IP:{LOOPBACK}")
    chain = folder / "pebble.pem"
    chain.write_text(
        (folder / "ca/pebble.pem").read_text() + (folder / "ca/issuing.pem").read_text()
    )
    made = Pebble(
        port=free_port(),
        management_port=free_port(),
        http_port=free_port(),
        tls_port=free_port(),
        ca_pem=authority.root.read_text(),
        identity=(chain, folder / "ca/pebble.key"),
    )
    configuration = folder / "pebble.json"
    configuration.write_text(
        json.dumps(
            {
                "pebble": {
                    "listenAddress": f"{LOOPBACK}:{made.port}",
                    "managementListenAddress": f"{LOOPBACK}:{made.management_port}",
                    "certificate": str(made.identity[0]),
                    "privateKey": str(made.identity[1]),
                    "httpPort": made.http_port,
                    "tlsPort": made.tls_port,
                    "externalAccountBindingRequired": eab,
                    "externalAccountMACKeys": {
                        EAB_IDENTIFIER: EAB_HMAC_KEY,
                        EAB_ODD_IDENTIFIER: EAB_ODD_HMAC_KEY,
                    },
                    "domainBlocklist": [BLOCKED],
                    "certificateValidityPeriod": 47 * 86400,
                }
            }
        )
    )
    process = subprocess.Popen(
        [
            *(program("pebble", "pebble"), "-config", str(configuration), "-strict"),
            *("-dnsserver", f"{LOOPBACK}:{dns_port}"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={
            "PATH": PROGRAM_PATH,
            "PEBBLE_VA_NOSLEEP": "1",
            "PEBBLE_WFE_NONCEREJECT": "50",
            "PEBBLE_AUTHZREUSE": str(authorization_reuse),
            "PEBBLE_ALTERNATE_ROOTS": "2",
            "PEBBLE_CHAIN_LENGTH": "2",
        },
    )
    try:
        wait_until_it_listens(process, made.port)
        wait_until_it_listens(process, made.management_port)
        yield made
    finally:
        end([process])
