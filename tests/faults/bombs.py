"""Files made to cost whoever reads them more than they are worth, each up to 1 MiB."""

import base64
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA512
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from certwright.x509.reading import LARGEST_FILE

PASSWORD = "password"
_OID_DATA = bytes.fromhex("06092a864886f70d010701")
_OID_SAFE_CONTENTS_BAG = bytes.fromhex("060b2a864886f70d010c0a0106")
_OID_SHROUDED_KEY = bytes.fromhex("060b2a864886f70d010c0a0102")
_OID_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_OID_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
_OID_SCRYPT = bytes.fromhex("06092b06010401da47040b")
_OID_AES = bytes.fromhex("060960864801650304012a")
_OID_PBMAC1 = bytes.fromhex("06092a864886f70d01050e")
_OID_HMAC_SHA1 = bytes.fromhex("06082a864886f70d0207")
_OID_HMAC_SHA512 = bytes.fromhex("06082a864886f70d020b")
_OID_COMPRESSED = bytes.fromhex("060b2a864886f70d0109100109")
_BEGIN, _END = b"-----BEGIN %b-----\n", b"\n-----END %b-----\n"
_NOW = datetime(2026, 11, 24, tzinfo=UTC)


def element(tag: int, *contents: bytes) -> bytes:
    """In DER, with as many octets of length as it needs."""
    content = b"".join(contents)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    size = len(content).to_bytes(4, "big").lstrip(b"\0")
    return bytes([tag, 0x80 | len(size)]) + size + content


def number(value: int) -> bytes:
    """An INTEGER."""
    return element(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def pem(label: bytes, der: bytes) -> bytes:
    """One block, on one line."""
    return _BEGIN % label + base64.b64encode(der) + _END % label


def pbes2(derivation: bytes) -> bytes:
    """The AlgorithmIdentifier of AES-256 with a key from `derivation`."""
    cipher = element(0x30, _OID_AES, element(0x04, bytes(16)))
    return element(0x30, _OID_PBES2, element(0x30, derivation, cipher))


def pbkdf2(rounds: int, hmac: bytes = _OID_HMAC_SHA512) -> bytes:
    """With a salt of a few octets."""
    chosen = element(0x30, hmac)
    return element(0x30, _OID_PBKDF2, element(0x30, element(0x04, b"salt"), number(rounds), chosen))


def scrypt(cost: int, block: int, parallel: int) -> bytes:
    """With a salt of a few octets."""
    numbers = (number(cost), number(block), number(parallel))
    return element(0x30, _OID_SCRYPT, element(0x30, element(0x04, b"salt"), *numbers))


def encrypted_key(derivation: bytes) -> bytes:
    """An EncryptedPrivateKeyInfo that no password opens."""
    return element(0x30, pbes2(derivation), element(0x04, bytes(64)))


def pfx(bags: bytes, *mac: bytes) -> bytes:
    """A PFX around SafeContents, not encrypted."""
    content = element(0x30, _OID_DATA, element(0xA0, element(0x04, bags)))
    safe = element(0x30, content)
    wrapped = element(0x30, _OID_DATA, element(0xA0, element(0x04, safe)))
    return element(0x30, number(3), wrapped, *mac)


def key_bag(derivation: bytes) -> bytes:
    """A bag with a key that no password opens."""
    return element(0x30, _OID_SHROUDED_KEY, element(0xA0, encrypted_key(derivation)))


def nested_bags(depth: int) -> bytes:
    """SafeContents within SafeContents."""
    bags = b""
    for _ in range(depth):
        bags = element(0x30, element(0x30, _OID_SAFE_CONTENTS_BAG, element(0xA0, bags)))
    return bags


def pbmac1(rounds: int) -> bytes:
    """MacData by RFC 9579."""
    scheme = element(0x30, _OID_HMAC_SHA512)
    algorithm = element(0x30, _OID_PBMAC1, element(0x30, pbkdf2(rounds), scheme))
    information = element(0x30, algorithm, element(0x04, bytes(64)))
    return element(0x30, information, element(0x04, b"salt"), number(1))


def certificate(names: int, key: ec.EllipticCurvePrivateKey, serial: int) -> bytes:
    """A self-signed one in DER with so many names."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Namesake")])
    alternatives = [x509.DNSName(f"n{n}.corp.example") for n in range(names)]
    return (
        x509.CertificateBuilder(subject, subject, key.public_key(), serial)
        .not_valid_before(_NOW)
        .not_valid_after(_NOW + timedelta(9))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(key, SHA512())
        .public_bytes(Encoding.DER)
    )


def namesakes() -> bytes:
    """As many certificates as may be, each issued by whoever has that name."""
    key = ec.generate_private_key(ec.SECP384R1())
    return b"".join(pem(b"CERTIFICATE", certificate(1, key, n)) for n in range(1, 501))


def many_names() -> bytes:
    """One certificate with some 50,000 names."""
    return certificate(50_000, ec.generate_private_key(ec.SECP256R1()), 1)


def many_rsa_keys() -> bytes:
    """RSA keys that cost a signature each."""
    key = rsa.generate_private_key(65537, 4096)
    encoded = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return pem(b"RSA PRIVATE KEY", encoded) * 300


def java_entries() -> bytes:
    """A Java key store that says to have four thousand million entries of nothing."""
    return bytes.fromhex("feedfeed00000002ffffffff") + os.urandom(1000) + bytes(20)


def java_certificates() -> bytes:
    """One entry that says to have a thousand million certificates, all empty."""
    head = bytes.fromhex("feedfeed0000000100000001") + bytes.fromhex("00000001000161") + bytes(8)
    return head + bytes(4) + bytes.fromhex("000f0000") + bytes(LARGEST_FILE - 100)


def rounds_of_pkcs12(rounds: int) -> bytes:
    """A PFX whose own derivation, in Python, goes round that often."""
    key = ec.generate_private_key(ec.SECP256R1())
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(rounds)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(SHA1())  # noqa: S303
        .build(PASSWORD.encode())
    )
    return pkcs12.serialize_key_and_certificates(None, key, None, None, encryption)


_BIG = LARGEST_FILE - 1000
BOMBS: dict[str, Callable[[], bytes]] = {
    "pbkdf2": lambda: encrypted_key(pbkdf2(2**31 - 1)),
    "pbkdf2 just below the bound": lambda: encrypted_key(pbkdf2(1_249_999)),
    "SHA-1 just below the bound": lambda: encrypted_key(pbkdf2(1_249_999, _OID_HMAC_SHA1)),
    "scrypt, many rounds": lambda: encrypted_key(scrypt(2**20, 8, 1000)),
    "scrypt, much memory": lambda: encrypted_key(scrypt(2**14, 1024, 1)),
    "scrypt just below the bound": lambda: encrypted_key(scrypt(2**15, 15, 1)),
    "scrypt with an absurd block": lambda: encrypted_key(scrypt(2, 2**28, 1)),
    "PKCS#12 rounds": lambda: rounds_of_pkcs12(300_000),
    "PBMAC1": lambda: pfx(element(0x30), pbmac1(2**31 - 1)),
    "PBMAC1 just below the bound": lambda: pfx(element(0x30), pbmac1(624_999)),
    "many keys, each costly": lambda: pfx(element(0x30, key_bag(pbkdf2(50_000)) * 1000)),
    "nested bags": lambda: pfx(nested_bags(4000)),
    "many bags": lambda: pfx(element(0x30, key_bag(pbkdf2(1)) * 5000)),
    "many parts": lambda: element(
        0x30,
        number(3),
        element(0x30, _OID_DATA, element(0xA0, element(0x04, element(0x30, b"\x30\0" * 400_000)))),
    ),
    "compressed": lambda: element(
        0x30, _OID_COMPRESSED, element(0xA0, element(0x30, number(0), bytes(_BIG)))
    ),
    "open lengths": lambda: b"\x30\x80" * (LARGEST_FILE // 2),
    "octets in parts": lambda: element(
        0x30, number(3), element(0x30, _OID_DATA, element(0xA0, b"\x24\x80" * (_BIG // 2)))
    ),
    "long lengths": lambda: b"\x30\x84\xff\xff\xff\xff" * (LARGEST_FILE // 6),
    "certificates in PKCS#7": lambda: element(
        0x30,
        bytes.fromhex("06092a864886f70d010702"),
        element(
            0xA0, element(0x30, number(1), b"\x31\0", b"\x30\0", element(0xA0, b"\x30\0" * 500_000))
        ),
    ),
    "namesakes": namesakes,
    "many names": many_names,
    "many RSA keys": many_rsa_keys,
    "BEGIN lines": lambda: b"-----BEGIN CERTIFICATE-----\n" * 37_000,
    "friendly names": lambda: b"friendlyName: " + b"a" * _BIG,
    "Base64": lambda: b"MIIB" * (LARGEST_FILE // 4),
    "UTF-16": lambda: ("-----BEGIN CERTIFICATE-----\n" * 18_000).encode("utf-16"),
    "white space": lambda: _BEGIN % b"CERTIFICATE" + b" \n" * (_BIG // 2) + _END % b"CERTIFICATE",
    "PEM headers": lambda: (
        _BEGIN % b"RSA PRIVATE KEY" + b"a: b\n" * (_BIG // 5) + _END % b"RSA PRIVATE KEY"
    ),
    "Java entries": java_entries,
    "Java certificates": java_certificates,
}
