"""Authorities for the vectors of the rules, and certificates that the product refuses to make."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509.oid import NameOID

from certwright.x509.building import (
    AuthorityAddresses,
    build_intermediate,
    build_leaf,
    build_root,
    build_self_signed,
    random_serial,
)
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey, private_key_to_pem
from certwright.x509.names import parse_server_name

START = datetime(2026, 11, 1, tzinfo=UTC)
NAME = "todd.corp.example"
SERVER_AUTH, CLIENT_AUTH, ANY_USAGE = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"
ADDRESSES = AuthorityAddresses("http://pki.corp.example/ca.crt", "http://pki.corp.example/ca.crl")
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def serial() -> int:
    return random_serial(os.urandom)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def key_usage(*usages: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in usages for usage in _USAGES})


def alternatives(names: Sequence[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([_general_name(name) for name in names])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def raw_names(*entries: bytes) -> x509.UnrecognizedExtension:
    """DNS names that the library does not write."""
    content = b"".join(bytes([0x82, len(entry)]) + entry for entry in entries)
    return x509.UnrecognizedExtension(
        x509.SubjectAlternativeName.oid, bytes([0x30, len(content)]) + content
    )


@dataclass(frozen=True)
class Extension:
    value: x509.ExtensionType
    critical: bool = False


@dataclass(frozen=True)
class Issuer:
    """Who signs: a certificate, and its key."""

    certificate: Certificate
    key: PrivateKey

    def odd(
        self,
        *extensions: Extension,
        public_key: Any = None,
        common_names: Sequence[str] = (NAME,),
        names: Sequence[str] = (NAME,),
        usages: Sequence[str] = (SERVER_AUTH,),
        subject: x509.Name | None = None,
        not_before: datetime = START,
        days: float = 47,
    ) -> Certificate:
        """What `build_leaf` refuses to make: `extensions` beside names and usages."""
        if subject is None:
            attributes = [x509.NameAttribute(NameOID.COMMON_NAME, one) for one in common_names]
            subject = x509.Name(attributes)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.certificate.cryptography.subject)
            .public_key(public_key or new_key().public_key())
            .serial_number(serial())
            .not_valid_before(not_before)
            .not_valid_after(not_before + timedelta(days))
        )
        if names:
            builder = builder.add_extension(alternatives(names), critical=False)
        if usages:
            purposes = x509.ExtendedKeyUsage([x509.ObjectIdentifier(usage) for usage in usages])
            builder = builder.add_extension(purposes, critical=False)
        for extension in extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        edwards = isinstance(self.key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
        signed = builder.sign(self.key, None if edwards else hashes.SHA256())
        return Certificate.from_cryptography(signed)

    def odd_authority(
        self, name: str, *extensions: Extension, key: Any = None, **more: Any
    ) -> "Issuer":
        """An authority below, with basic constraints unless `extensions` brings its own."""
        key = key or new_key()
        constraints = Extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        own = any(isinstance(one.value, x509.BasicConstraints) for one in extensions)
        given = extensions if own else (constraints, *extensions)
        certificate = self.odd(
            *given,
            public_key=key.public_key(),
            common_names=[name],
            names=(),
            usages=more.pop("usages", ()),
            days=more.pop("days", 1096),
            **more,
        )
        return Issuer(certificate, key)

    def signed_by_openssl(self, digest: str, options: str = "-newkey rsa:2048") -> Certificate:
        """With a digest, or for a key, that the library does not write."""
        folder = Path(tempfile.mkdtemp())
        try:
            (folder / "ca.pem").write_text(self.certificate.pem)
            (folder / "ca.key").write_text(private_key_to_pem(self.key))
            (folder / "names").write_text(f"subjectAltName=DNS:{NAME}\n")
            run = ["openssl", "req", *options.split(), "-nodes"]
            run += ["-keyout", f"{folder}/k", "-out", f"{folder}/r", "-subj", f"/CN={NAME}"]
            subprocess.run(run, check=True, capture_output=True)
            run = ["openssl", "x509", "-req", "-in", f"{folder}/r", "-CA", f"{folder}/ca.pem"]
            run += ["-CAkey", f"{folder}/ca.key", f"-{digest}", "-days", "300", "-set_serial", "7"]
            run += ["-extfile", f"{folder}/names", "-outform", "DER", "-out", f"{folder}/c"]
            subprocess.run(run, check=True, capture_output=True)
            return Certificate.from_der((folder / "c").read_bytes())
        finally:
            shutil.rmtree(folder)

    def sign_with_sha1(self, certificate: Certificate) -> Certificate:
        """The same content under a SHA-1 signature, put together by hand: no library makes it."""
        if not isinstance(self.key, ec.EllipticCurvePrivateKey):
            raise TypeError("only ECDSA keys sign here")
        algorithm = bytes.fromhex("300906072a8648ce3d0401")  # ecdsa-with-SHA1
        former = bytes.fromhex("300a06082a8648ce3d0403")
        content = certificate.cryptography.tbs_certificate_bytes
        position = content.index(former)
        header = 2 + (content[1] & 0x7F if content[1] & 0x80 else 0)
        inner = content[header:position] + algorithm + content[position + len(former) + 1 :]
        signed = _element(0x30, inner)
        digest = hashlib.sha1(signed, usedforsecurity=False).digest()
        signature = self.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA1())))  # noqa: S303
        return Certificate.from_der(
            _element(0x30, signed + algorithm + _element(0x03, b"\0" + signature))
        )


def odd_root(name: str, *extensions: Extension, key: Any = None, **more: Any) -> Issuer:
    """A self-signed authority, or whatever `extensions` make of it."""
    key = key or new_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    itself = Issuer(_named(subject), key)
    own = any(isinstance(one.value, x509.BasicConstraints) for one in extensions)
    constraints = Extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = itself.odd(
        *(extensions if own else (constraints, *extensions)),
        public_key=key.public_key(),
        subject=subject,
        names=more.pop("names", ()),
        usages=more.pop("usages", ()),
        days=more.pop("days", 3653),
        **more,
    )
    return Issuer(certificate, key)


def _named(subject: x509.Name) -> Certificate:
    """Any certificate of that subject, to take the issuer's name from."""
    key = new_key()
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
    builder = builder.public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(START).not_valid_after(START + timedelta(1))
    return Certificate.from_cryptography(builder.sign(key, hashes.SHA256()))


@dataclass(frozen=True)
class Authority:
    """As the product makes them: a root, and an intermediate that issues."""

    root: Certificate
    root_key: PrivateKey
    intermediate: Certificate
    key: PrivateKey

    @classmethod
    def make(cls, name: str, intermediate_days: int = 1096) -> "Authority":
        root_key, key = ec.generate_private_key(ec.SECP384R1()), new_key()
        root = build_root(
            f"{name} Root", name, root_key, not_before=START, days=3653, serial=serial()
        )
        intermediate = build_intermediate(
            f"{name} Issuing 1",
            key.public_key(),
            root,
            root_key,
            organization=name,
            not_before=START,
            days=intermediate_days,
            serial=serial(),
            addresses=ADDRESSES,
        )
        return cls(root, root_key, intermediate, key)

    @property
    def issuer(self) -> Issuer:
        return Issuer(self.intermediate, self.key)

    @property
    def top(self) -> Issuer:
        return Issuer(self.root, self.root_key)

    def issue(
        self,
        names: Sequence[str] = (NAME,),
        common_name: str | None = None,
        days: int = 47,
        key: Any = None,
    ) -> Certificate:
        return build_leaf(
            (key or new_key()).public_key(),
            [parse_server_name(name) for name in names],
            names[0] if common_name is None else common_name,
            self.intermediate,
            self.key,
            not_before=START,
            not_after=START + timedelta(days),
            serial=serial(),
            addresses=ADDRESSES,
        )


def self_signed(names: Sequence[str] = (NAME,)) -> Certificate:
    return build_self_signed(
        new_key(),
        [parse_server_name(name) for name in names],
        names[0],
        not_before=START,
        not_after=START + timedelta(365),
        serial=serial(),
    )


def name_constraints(
    *permitted: str, excluded: Sequence[str] = (), networks: Sequence[str] = ()
) -> x509.NameConstraints:
    allowed = [x509.DNSName(name) for name in permitted]
    addresses = [x509.IPAddress(ip_network(network)) for network in networks]
    return x509.NameConstraints(
        permitted_subtrees=[*allowed, *addresses] or None,
        excluded_subtrees=[x509.DNSName(name) for name in excluded] or None,
    )


def _element(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content
