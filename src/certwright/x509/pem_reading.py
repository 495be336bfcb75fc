"""What the blocks of a PEM file hold."""

import re
from collections.abc import Callable

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.ber import UTF8_STRING, BerError, Element, first_element, parse_ber
from certwright.x509.certificate import reading_oddities
from certwright.x509.contents import Contents
from certwright.x509.key_reading import checked_key, decrypt_private_key, read_private_key_der
from certwright.x509.keys import KEY_ERRORS, PrivateKey, unreadable_key
from certwright.x509.password import (
    encode_password,
    password_missing,
    possible_secrets,
    wrong_password,
)
from certwright.x509.password_encryption import DoesNotOpenError
from certwright.x509.pem import (
    CERTIFICATE_LABELS,
    ENCRYPTED_KEY,
    PKCS7_LABELS,
    TRUSTED_CERTIFICATE,
    PemBlock,
)
from certwright.x509.text import listed

_KNOWN_OTHERS = {
    "OPENSSH PRIVATE KEY": "an SSH key",
    "SSH2 PUBLIC KEY": "an SSH key",
    "CERTIFICATE REQUEST": "a signing request",
    "NEW CERTIFICATE REQUEST": "a signing request",
    "X509 CRL": "a revocation list",
    "PUBLIC KEY": "a public key",
    "RSA PUBLIC KEY": "a public key",
    "DSA PUBLIC KEY": "a public key",
    "DSA PRIVATE KEY": "a key of the kind DSA, which is not for TLS certificates",
    "X9.42 DH PARAMETERS": "parameters without a key",
    "DSA PARAMETERS": "parameters without a key",
    "ATTRIBUTE CERTIFICATE": "an attribute certificate",
    "PGP PUBLIC KEY BLOCK": "a PGP key",
    "PGP PRIVATE KEY BLOCK": "a PGP key",
    "EC PARAMETERS": "parameters without a key",
    "DH PARAMETERS": "parameters without a key",
}
_CERTIFICATE_OR_KEY = frozenset(
    {*CERTIFICATE_LABELS, *PKCS7_LABELS, TRUSTED_CERTIFICATE, ENCRYPTED_KEY}
)
_ENCRYPTED_HOW = re.compile(
    rb"^[ \t]*DEK-Info: *[A-Z0-9-]+,(?:[0-9A-Fa-f]{2}){8,16}[ \t\r]*$", re.M
)
"""RFC 1421 4.6.1.3: the cipher, and its initial value in hexadecimal digits."""

BinaryReader = Callable[[bytes, str | None, Contents, str], str]


def read_pem(
    blocks: tuple[PemBlock, ...], password: str | None, contents: Contents, binary: BinaryReader
) -> None:
    """Add what the blocks hold to `contents`; `binary` reads the bytes in a CERTIFICATE block.

    Raises WRONG_PASSWORD, UNREADABLE_CERTIFICATE or TOO_LARGE, each naming the block.
    """
    for block in blocks:
        if not block.is_complete:
            if block.is_private_key or block.label in _CERTIFICATE_OR_KEY:
                raise _cut_off(block)
        elif block.is_private_key:
            contents.add_private_key(_read_private_key(block, password, contents))
        elif block.label == TRUSTED_CERTIFICATE:
            _add_trusted_certificate(block, contents)
        elif block.label in CERTIFICATE_LABELS and _is_certificate(block.der):
            contents.add_certificate(block.der, block.title, block.friendly_name)
        elif block.label in CERTIFICATE_LABELS | PKCS7_LABELS:
            # Windows' `certutil -encode` writes CERTIFICATE around whatever file it is given.
            binary(block.der, password, contents, block.title)


def describe_blocks(blocks: tuple[PemBlock, ...]) -> str:
    """What a PEM file is that holds neither certificate nor key."""
    labels = tuple(dict.fromkeys(block.label for block in blocks))
    for label in labels:
        if label in _KNOWN_OTHERS:
            return f"{_KNOWN_OTHERS[label]} (PEM with {listed(labels)})"
    return f"PEM with {listed(labels)}"


def _is_certificate(der: bytes) -> bool:
    """Whether it may be one, or is damaged: neither a p7b nor a PFX."""
    try:
        children = parse_ber(der).children
    except BerError:
        return True
    return len(children) != 2 and (len(children) != 3 or children[0].number is None)


def _read_private_key(block: PemBlock, password: str | None, contents: Contents) -> PrivateKey:
    if not block.is_encrypted:
        return read_private_key_der(block.der, contents.budget, block.title)
    what = f"the private key in {block.title}"
    if password is None:
        raise password_missing(what)
    try:
        if block.label == ENCRYPTED_KEY:
            secrets = possible_secrets(password)
            outline = parse_ber(block.der)
            return decrypt_private_key(outline, secrets, contents.budget, block.title)
        return _read_traditional(block, encode_password(password), contents)
    except BerError:
        raise unreadable_key(block.title) from None
    except DoesNotOpenError:
        raise wrong_password(what) from None


def _read_traditional(block: PemBlock, password: bytes, contents: Contents) -> PrivateKey:
    """Encrypted as OpenSSL did before PKCS#8: one round of MD5, so nothing to be paid for."""
    if not _ENCRYPTED_HOW.search(block.body):
        raise unreadable_key(block.title, "its line DEK-Info is missing or damaged")
    try:
        with reading_oddities():
            key = load_pem_private_key(block.text, password, unsafe_skip_rsa_key_validation=True)
    except KEY_ERRORS:
        raise DoesNotOpenError from None
    return checked_key(key, contents.budget, block.title)


def _add_trusted_certificate(block: PemBlock, contents: Contents) -> None:
    """OpenSSL's own form: the certificate, then what it is trusted for, and its alias."""
    data = block.der
    try:
        certificate = first_element(data)
        alias = _alias(parse_ber(data[certificate.end :])) if certificate.end < len(data) else ""
    except BerError:
        raise CertwrightError(
            ErrorCode.UNREADABLE_CERTIFICATE,
            f"{block.title} is damaged.",
            "Copy or export the file again, without changing its text.",
        ) from None
    contents.add_certificate(certificate.encoded, block.title, alias or block.friendly_name)


def _alias(auxiliary: Element) -> str:
    for element in auxiliary.children:
        if element.tag == UTF8_STRING:
            return element.content.decode("utf-8", "replace")
    return ""


def _cut_off(block: PemBlock) -> CertwrightError:
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE,
        f"{block.title} is cut off: a BEGIN line without its END line.",
        "Copy or export the file again, to its end.",
    )
