"""Certificates to serve while measuring."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from certwright.x509.building import build_self_signed, random_serial
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, generate_private_key, private_key_to_pem
from certwright.x509.names import parse_server_name


@dataclass(frozen=True)
class Pair:
    """A self-signed ECDSA P-256 certificate for localhost, and its key as PEM."""

    certificate: Certificate
    key_pem: str

    def write(self, folder: Path) -> tuple[Path, Path]:
        """As two files, certificate and key, for servers that want it so."""
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        certificate.write_text(self.certificate.pem)
        key.touch(0o600)
        key.write_text(self.key_pem)
        return certificate, key


def make_pair() -> Pair:
    """A new one, good for two days."""
    key = generate_private_key(KeyType.EC_P256)
    now = datetime.now(UTC)
    certificate = build_self_signed(
        key,
        [parse_server_name("localhost"), parse_server_name("127.0.0.1")],
        "localhost",
        not_before=now - timedelta(minutes=5),
        not_after=now + timedelta(days=2),
        serial=random_serial(os.urandom),
    )
    return Pair(certificate, private_key_to_pem(key))
