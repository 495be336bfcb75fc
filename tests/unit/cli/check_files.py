"""Certificates as people have them, put together freely: right ones, and wrong ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

START = datetime(2026, 11, 1, tzinfo=UTC)
NAME = "todd.corp.example"
SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH
SIGNS, ENCIPHERS = "digital_signature", "key_encipherment"
_ISSUES = ("key_cert_sign", "crl_sign")
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
_SHA_256 = hashes.SHA256()
_EDWARDS = (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)


@dataclass(frozen=True)
class Made:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: Any

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def key_pem(self, password: bytes = b"") -> bytes:
        encryption = BestAvailableEncryption(password) if password else NoEncryption()
        encoded: bytes = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        return encoded


def elliptic(curve: type[ec.EllipticCurve] = ec.SECP256R1) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve())


@cache
def rsa_key(bits: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(exponent, bits)


def make(
    issuer: Made | None = None,
    cn: str = NAME,
    names: Sequence[str | x509.GeneralName] = (NAME,),
    *extensions: tuple[x509.ExtensionType, bool],
    key: Any = None,
    start: datetime = START,
    days: float = 90,
    usage: Sequence[str] = (SIGNS,),
    purposes: Sequence[x509.ObjectIdentifier] = (SERVER,),
    authority: bool | None = None,
    path_length: int | None = None,
    identifiers: bool = True,
    digest: Any = _SHA_256,
    padding: Any = None,
) -> Made:
    """By `issuer`, or self-signed; `days` less the last second, which counts as well."""
    key = key or elliptic()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)] if cn else [])
    by = issuer or Made(None, key)  # type: ignore[arg-type]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days) - timedelta(seconds=1))
    )
    wanted: list[tuple[x509.ExtensionType, bool]] = [*extensions]
    if authority is not None:
        wanted.append((x509.BasicConstraints(authority, path_length), True))
    if usage:
        wanted.append((x509.KeyUsage(**{one: one in usage for one in _USAGES}), True))
    if purposes:
        wanted.append((x509.ExtendedKeyUsage(purposes), False))
    if names:
        entries = x509.SubjectAlternativeName([_general_name(name) for name in names])
        wanted.append((entries, not cn))
    if identifiers:
        own, its = key.public_key(), by.key.public_key()
        wanted.append((x509.SubjectKeyIdentifier.from_public_key(own), False))
        wanted.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(its), False))
    for extension, critical in wanted:
        builder = builder.add_extension(extension, critical)
    digest = None if isinstance(by.key, _EDWARDS) else digest
    return Made(builder.sign(by.key, digest, rsa_padding=padding), key)


def authority(
    cn: str, issuer: Made | None = None, *extensions: tuple[x509.ExtensionType, bool], **more: Any
) -> Made:
    defaults = {
        "usage": _ISSUES,
        "purposes": (),
        "authority": True,
        "days": 3653,
        "start": START - timedelta(1),
    }
    return make(issuer, cn, (), *extensions, **{**defaults, **more})


def pem(*made: Made) -> bytes:
    return b"".join(one.pem for one in made)


def pfx(leaf: Made, *above: Made, password: bytes = b"a password") -> bytes:
    chain = [one.certificate for one in above]
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return pkcs12.serialize_key_and_certificates(
        b"server", leaf.key, leaf.certificate, chain, encryption
    )


def p7b(*made: Made, encoding: Encoding = Encoding.DER) -> bytes:
    return pkcs7.serialize_certificates([one.certificate for one in made], encoding)


def limits(permitted: Sequence[Any] = (), excluded: Sequence[Any] = ()) -> Any:
    constraints = x509.NameConstraints(
        [_subtree(one) for one in permitted] or None, [_subtree(one) for one in excluded] or None
    )
    return constraints, True


def odd(number: str, content: bytes = b"\x05\x00", *, critical: bool = False) -> Any:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(number), content), critical


def _general_name(name: str | x509.GeneralName) -> x509.GeneralName:
    if isinstance(name, x509.GeneralName):
        return name
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _subtree(name: str | x509.GeneralName) -> x509.GeneralName:
    if isinstance(name, x509.GeneralName):
        return name
    return x509.IPAddress(ip_network(name)) if "/" in name else x509.DNSName(name)
