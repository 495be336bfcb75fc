"""PEM (RFC 7468): blocks of text in any order, with any text around them."""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate

CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE"})
TRUSTED_CERTIFICATE = "TRUSTED CERTIFICATE"
PKCS7_LABELS = frozenset({"PKCS7", "CMS", "PKCS #7 SIGNED DATA"})
ENCRYPTED_KEY = "ENCRYPTED PRIVATE KEY"
KEY_LABELS = frozenset({"PRIVATE KEY", ENCRYPTED_KEY, "RSA PRIVATE KEY", "EC PRIVATE KEY"})
"""Not OPENSSH PRIVATE KEY: no TLS server takes that form."""
_MARK = re.compile(rb"-----(BEGIN|END) ([ -,.-~]{1,40})-----")
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")
_HEADER = re.compile(rb"[A-Za-z0-9-]{1,40}:")
_FRIENDLY_NAME = re.compile(rb"^[ \t]*friendlyName:[ \t]*(.{1,200})$", re.MULTILINE)
"""Among the "Bag Attributes" that `openssl pkcs12` writes before a block."""


@dataclass(frozen=True)
class PemBlock:
    """One block: its label, and what stands between BEGIN and END."""

    label: str
    body: bytes
    number: int = 1
    """Which of the text's blocks it is, from 1."""
    line: int = 1
    """Where its BEGIN line stands, from 1."""
    friendly_name: str = ""
    is_complete: bool = True
    """False if its END line is missing."""

    @property
    def title(self) -> str:
        """What an error calls it: "PEM block 3 (CERTIFICATE, line 41)"."""
        return f"PEM block {self.number} ({self.label}, line {self.line})"

    @property
    def text(self) -> bytes:
        """The whole block, with an end of line after each line."""
        label = self.label.encode("ascii")
        lines = b"".join(line.strip() + b"\n" for line in self.body.strip().splitlines())
        return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label, lines, label)

    @property
    def is_private_key(self) -> bool:
        """Whether a private key stands in it, encrypted or not."""
        return self.label in KEY_LABELS

    @property
    def is_encrypted(self) -> bool:
        """Whether a private key's block says that it is encrypted."""
        return self.label == ENCRYPTED_KEY or b"Proc-Type: 4,ENCRYPTED" in self.body

    @property
    def der(self) -> bytes:
        """The decoded bytes; raises UNREADABLE_CERTIFICATE if it is no Base64."""
        try:
            return b64decode(b"".join(_without_headers(self.body).split()), validate=True)
        except binascii.Error:
            raise CertwrightError(
                ErrorCode.UNREADABLE_CERTIFICATE,
                f"{self.title} is damaged: {self._flaw()}.",
                "Copy or export the file again, without changing its text.",
            ) from None

    def _flaw(self) -> str:
        """What is wrong with its Base64, and on which line."""
        for number, line in enumerate(self.body.splitlines(), self.line):
            if _NO_BASE64.search(line) and not _HEADER.match(line):
                return f"what stands on line {number} is not proper Base64"
        return "its Base64 lacks a piece, or has one too many"


def all_pem_blocks(data: bytes) -> Iterator[PemBlock]:
    """Every block of `data`, in order, also those whose END line is missing.

    Looks at each mark once, so that no file, however made, takes longer than its length. Also
    finds blocks that were written on one line.
    """
    text = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    number, line, counted, previous_end = 0, 1, 0, 0
    begun: PemBlock | None = None
    body_start = 0
    for mark in _MARK.finditer(text):
        label = mark[2].decode("ascii")
        if mark[1] == b"END":
            if begun is not None and begun.label == label:
                yield _ended(begun, text[body_start : mark.start()], is_complete=True)
                begun, previous_end = None, mark.end()
            continue
        if begun is not None:
            yield _ended(begun, b"", is_complete=False)
        number += 1
        line += text.count(b"\n", counted, mark.start())
        counted = mark.start()
        before = text[max(previous_end, mark.start() - 4096) : mark.start()]
        begun = PemBlock(label, b"", number, line, _name_in(before))
        body_start = previous_end = mark.end()
    if begun is not None:
        yield _ended(begun, b"", is_complete=False)


def pem_blocks(data: bytes) -> Iterator[PemBlock]:
    """Every complete block of `data`; a BEGIN line without its END line is passed over."""
    return (block for block in all_pem_blocks(data) if block.is_complete)


def read_pem_certificates(
    data: bytes, known: Iterable[Certificate] = ()
) -> tuple[Certificate, ...]:
    """Those certificates of a list of roots that can be read; those of `known` need no reading.

    The ones that cannot are passed over: one odd root among a machine's hundred must not make
    the others useless.
    """
    found: list[Certificate] = []
    by_content = {certificate.der: certificate for certificate in known}
    for block in pem_blocks(data):
        if block.label in CERTIFICATE_LABELS:
            try:
                der = block.der
                found.append(by_content.get(der) or Certificate.from_der(der))
            except CertwrightError:
                continue
    return tuple(found)


def _ended(begun: PemBlock, body: bytes, *, is_complete: bool) -> PemBlock:
    return PemBlock(begun.label, body, begun.number, begun.line, begun.friendly_name, is_complete)


def _name_in(text: bytes) -> str:
    names = _FRIENDLY_NAME.findall(text)
    return names[-1].decode("utf-8", "replace") if names else ""


def _without_headers(body: bytes) -> bytes:
    # RFC 1421 4.6: headers, one to a line or folded, and a blank line after them.
    text = body.lstrip()
    if not _HEADER.match(text):
        return body
    return text.partition(b"\n\n")[2]
