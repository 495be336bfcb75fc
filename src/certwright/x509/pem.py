"""PEM (RFC 7468): certificates and private keys in any order, with any text around them."""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate
from certwright.x509.derivation import refuse_costly_derivation
from certwright.x509.keys import PrivateKey, accept_private_key, unreadable_key
from certwright.x509.password import encode_password, wrong_password

CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE"})
_KEY_LABELS = frozenset(
    {"PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"}
)
"""Not OPENSSH PRIVATE KEY: no TLS server takes that form."""
_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")


@dataclass(frozen=True)
class PemBlock:
    """One block: its label, and the lines between BEGIN and END."""

    label: str
    body: bytes

    @property
    def text(self) -> bytes:
        """The whole block, with an end of line after each line."""
        label = self.label.encode("ascii")
        return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label, self.body, label)

    @property
    def is_private_key(self) -> bool:
        """Whether a private key stands in it, encrypted or not."""
        return self.label in _KEY_LABELS

    @property
    def der(self) -> bytes:
        """The decoded bytes; raises UNREADABLE_CERTIFICATE if it is no Base64."""
        try:
            return b64decode(b"".join(self.body.split()), validate=True)
        except binascii.Error:
            raise CertwrightError(
                ErrorCode.UNREADABLE_CERTIFICATE,
                f"The PEM block {self.label} is damaged: it is not proper Base64.",
                "Copy or export the file again, without changing its text.",
            ) from None


def pem_blocks(data: bytes) -> Iterator[PemBlock]:
    """Every complete block of `data`, in order; a BEGIN line without its END line is passed over.

    Goes line by line, so that no file, however made, takes longer than its length.
    """
    label, body = b"", list[bytes]()
    for line in data.splitlines():
        text = line.strip()
        if begin := _BEGIN.fullmatch(text):
            label, body = begin[1], []
        elif label and text == b"-----END " + label + b"-----":
            yield PemBlock(label.decode("ascii"), b"\n".join(body) + b"\n")
            label = b""
        elif label:
            body.append(text)


def read_pem_certificates(data: bytes) -> tuple[Certificate, ...]:
    """Those certificates of a list of roots that can be read.

    The ones that cannot are passed over: one odd root among a machine's hundred must not make
    the others useless.
    """
    found: list[Certificate] = []
    for block in pem_blocks(data):
        if block.label in CERTIFICATE_LABELS:
            try:
                found.append(Certificate.from_der(block.der))
            except CertwrightError:
                continue
    return tuple(found)


def read_private_key(block: PemBlock, password: str | None) -> PrivateKey:
    """The key in a block whose `is_private_key` holds.

    Raises WRONG_PASSWORD, also where one is needed and none was given, or UNREADABLE_CERTIFICATE.
    """
    if not _is_encrypted(block):
        return _load(block, None)
    if password is None:
        raise CertwrightError(
            ErrorCode.WRONG_PASSWORD,
            "The private key is encrypted, and no password was given.",
            "Give the password that the file was exported with.",
        )
    return _load(block, encode_password(password))


def _is_encrypted(block: PemBlock) -> bool:
    return block.label == "ENCRYPTED PRIVATE KEY" or b"Proc-Type: 4,ENCRYPTED" in block.body


def _load(block: PemBlock, password: bytes | None) -> PrivateKey:
    try:
        if block.label == "ENCRYPTED PRIVATE KEY":
            refuse_costly_derivation(block.der)
            return accept_private_key(load_der_private_key(block.der, password))
        return accept_private_key(load_pem_private_key(block.text, password))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if password is None:
            raise unreadable_key() from None
        raise wrong_password() from None
