"""openssl reads what is made here, and what openssl makes is read here."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from certwright.x509.building import (
    AuthorityAddresses,
    build_intermediate,
    build_leaf,
    build_request,
    build_root,
    random_serial,
)
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, PrivateKey, generate_private_key, private_key_to_pem
from certwright.x509.names import parse_server_name
from certwright.x509.reading import read_bundle
from certwright.x509.revocation_list import RevokedCertificate, build_revocation_list

NOW = datetime.now(UTC)
NAMES = [parse_server_name(name) for name in ("todd.corp.example", "10.1.2.3", "::1")]
ADDRESSES = AuthorityAddresses("http://pki.example/ca.crt", "http://pki.example/ca.crl")


def openssl(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.fail("The Debian package openssl is not installed.")
    assert done.returncode == 0, done.stderr
    return done.stdout


class Workshop:
    """An authority in a folder, as files for openssl."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root_key: PrivateKey = generate_private_key(KeyType.EC_P384)
        self.key: PrivateKey = generate_private_key(KeyType.EC_P256)
        self.leaf_key: PrivateKey = generate_private_key(KeyType.EC_P256)
        self.root = build_root(
            "Root", "Corp", self.root_key, not_before=NOW, days=3653, serial=serial()
        )
        self.intermediate = build_intermediate(
            "Issuing",
            self.key.public_key(),
            self.root,
            self.root_key,
            organization="Corp",
            not_before=NOW,
            days=1096,
            serial=serial(),
            addresses=ADDRESSES,
        )
        self.leaf = build_leaf(
            self.leaf_key.public_key(),
            NAMES,
            "todd.corp.example",
            self.intermediate,
            self.key,
            not_before=NOW,
            not_after=NOW + timedelta(47),
            serial=serial(),
            addresses=ADDRESSES,
        )
        self.write("root.pem", self.root)
        self.write("intermediate.pem", self.intermediate)
        self.write("leaf.pem", self.leaf)
        (folder / "leaf.key").write_text(private_key_to_pem(self.leaf_key))

    def write(self, name: str, certificate: Certificate) -> None:
        (self.folder / name).write_text(certificate.pem)

    def openssl(self, *arguments: str) -> str:
        return openssl(self.folder, *arguments)


def serial() -> int:
    return random_serial(os.urandom)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("shop"))


@pytest.mark.parametrize(
    "check", [("-verify_hostname", "todd.corp.example"), ("-verify_ip", "::1")]
)
def test_openssl_verifies_the_chain_strictly(shop: Workshop, check: tuple[str, str]) -> None:
    answer = shop.openssl(
        *("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "root.pem"),
        *("-untrusted", "intermediate.pem", *check, "leaf.pem"),
    )
    assert answer.strip() == "leaf.pem: OK"


def test_openssl_checks_the_chain_against_the_revocation_list(shop: Workshop) -> None:
    def verify(name: str, revoked: list[RevokedCertificate]) -> subprocess.CompletedProcess[str]:
        lists = b"".join(
            build_revocation_list(issuer, key, entries, 1, NOW, NOW + timedelta(7))
            for issuer, key, entries in ((shop.intermediate, shop.key, revoked),)
        )
        (shop.folder / f"{name}.crl").write_bytes(lists)
        shop.openssl("crl", "-inform", "DER", "-in", f"{name}.crl", "-out", f"{name}.pem")
        return subprocess.run(
            [
                "openssl",
                "verify",
                "-crl_check",
                "-CAfile",
                "root.pem",
                "-untrusted",
                "intermediate.pem",
                "-CRLfile",
                f"{name}.pem",
                "leaf.pem",
            ],
            cwd=shop.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    assert verify("none", []).returncode == 0
    number = shop.leaf.cryptography.serial_number
    entry = RevokedCertificate(number, NOW, x509.ReasonFlags.key_compromise)
    refused = verify("one", [entry])
    assert refused.returncode != 0
    assert "certificate revoked" in refused.stdout + refused.stderr


def test_openssl_verifies_a_request(shop: Workshop) -> None:
    (shop.folder / "request.der").write_bytes(
        build_request(shop.leaf_key, NAMES, "todd.corp.example")
    )
    text = shop.openssl("req", "-inform", "DER", "-in", "request.der", "-verify", "-text")
    assert "DNS:todd.corp.example, IP Address:10.1.2.3" in text


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["-legacy"],
        ["-legacy", "-descert"],
        ["-keypbe", "AES-256-CBC", "-certpbe", "AES-256-CBC", "-macalg", "sha512"],
        ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
        ["-iter", "100000"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("password", ["correct horse", "pässwörd €", ""])
def test_pfx_of_openssl_is_read(shop: Workshop, options: list[str], password: str) -> None:
    shop.openssl(
        *("pkcs12", "-export", "-in", "leaf.pem", "-inkey", "leaf.key", "-certfile"),
        *("intermediate.pem", "-passout", f"pass:{password}", "-out", "made.pfx", *options),
    )
    bundle = read_bundle((shop.folder / "made.pfx").read_bytes(), password or None)
    assert bundle.leaf == shop.leaf
    assert bundle.others == (shop.intermediate,)
    assert bundle.private_key is not None
    assert private_key_to_pem(bundle.private_key) == private_key_to_pem(shop.leaf_key)
