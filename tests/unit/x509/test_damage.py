"""A file that is damaged is told with the place: line, byte, part, bag or entry."""

import re
from collections.abc import Callable

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.ber import parse_ber
from certwright.x509.jks import JKS_MAGIC
from certwright.x509.reading import read_bundle

from ...faults.bombs import element, pem, pfx
from ...fuzz.targets import OWN

LEAF = (OWN / "certificate.der").read_bytes()
PEM_FILE = (OWN / "leaf-key-chain.pem").read_bytes()
KEY = (OWN / "key.der").read_bytes()
P7B = (OWN / "certificates.p7b").read_bytes()
ENCRYPTED = (OWN / "aes-with-chain.pfx").read_bytes()
PASSWORD = "correct horse"
JAVA_ENTRY = b"\0\0\0\2\0\4todd" + bytes(8)


def line_changed(number: int) -> bytes:
    lines = PEM_FILE.splitlines(keepends=True)
    lines[number - 1] = b"?" + lines[number - 1][1:]
    return b"".join(lines)


def line_missing(number: int) -> bytes:
    lines = PEM_FILE.splitlines(keepends=True)
    return b"".join(lines[: number - 1] + lines[number:])


def lying(data: bytes, start: int) -> bytes:
    """With a length of the element that begins there which leads beyond the end."""
    assert data[start + 1] == 0x82
    return data[: start + 2] + b"\x7f" + data[start + 3 :]


def java(*certificates: bytes) -> bytes:
    entries = (JAVA_ENTRY + len(der).to_bytes(4, "big") + der for der in certificates)
    head = JKS_MAGIC + b"\0\0\0\1" + len(certificates).to_bytes(4, "big")
    return head + b"".join(entries) + bytes(20)


def with_last_bag_lying() -> bytes:
    """A PFX without MAC whose second certificate's bag is no BER within."""
    kind = bytes.fromhex("060b2a864886f70d010c0a0103")
    x509 = bytes.fromhex("060a2a864886f70d01091601")
    good = element(0x30, x509, element(0xA0, element(0x04, LEAF)))
    bags = (element(0x30, kind, element(0xA0, one)) for one in (good, lying(good, 16)))
    return pfx(element(0x30, *bags))


CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    "PEM, a character": (
        lambda: line_changed(5),
        r"PEM block 1 \(CERTIFICATE, line 1\) is damaged: what stands on line 5 is not proper",
    ),
    "PEM, second block": (
        lambda: line_changed(PEM_FILE[: PEM_FILE.index(b"PRIVATE KEY")].count(b"\n") + 3),
        r"PEM block 2 \(PRIVATE KEY, line \d+\) is damaged: what stands on line \d+ is not proper",
    ),
    "PEM, a line lost": (
        lambda: line_missing(5),
        r"PEM block 1 \(CERTIFICATE, line 1\) cannot be read as a certificate: it is damaged at "
        r"byte [\d,]+",
    ),
    "PEM, a character lost": (
        lambda: PEM_FILE.replace(b"\nM", b"\n", 1),
        r"PEM block 1 \(CERTIFICATE, line 1\) is damaged: its Base64 lacks a piece",
    ),
    "PEM, a key's octet": (
        lambda: pem(b"RSA PRIVATE KEY", lying(KEY, 7)),
        r"PEM block 1 \(RSA PRIVATE KEY, line 1\) cannot be read: it is damaged at byte 7,",
    ),
    "DER": (lambda: lying(LEAF, 4), r"\(at byte 4 an element is longer than what is around it\)"),
    "DER, cut off": (lambda: LEAF[:400], r"\(at byte 0 an element is longer"),
    "DER, something behind": (
        lambda: LEAF + b"more",
        rf"\(at byte {len(LEAF):,} something follows that does not belong to it\)",
    ),
    "PKCS#7": (
        lambda: lying(P7B, parse_ber(P7B).children[1].children[0].start),
        r"The PKCS#7 structure of the file is damaged: at byte \d+ an element is longer",
    ),
    "PKCS#7, a certificate": (
        lambda: P7B.replace(LEAF, lying(LEAF, 4)),
        r"Certificate 1 in the file cannot be read as a certificate: it is damaged at byte 4",
    ),
    "PFX, its beginning": (
        lambda: lying(ENCRYPTED, 7),
        r"a damaged or shortened file \(at byte 7 an element is longer",
    ),
    "PFX, its outermost layer": (
        lambda: lying(ENCRYPTED, parse_ber(ENCRYPTED).children[1].children[1].start),
        r"The PFX file is damaged: in its outermost layer, at byte \d+, an element is longer",
    ),
    "PFX, its MAC": (
        lambda: pfx(b"\x30\0", element(0x30, b"\x30\x7f")),
        r"The PFX file is damaged: in its MAC, at byte \d+, an element is longer",
    ),
    "PFX, a bag": (
        with_last_bag_lying,
        r"The PFX file is damaged: in the bag of its certificate 2, at byte \d+, an element",
    ),
    "PFX, a part": (
        lambda: pfx(b"\x30\x7f"),
        r"The PFX file is damaged: in its part 1 of 1, at byte 0, an element is longer",
    ),
    "Java, an entry": (
        lambda: java(LEAF, lying(LEAF, 4)),
        r'Certificate 1 of "todd" in the Java key store cannot be read as a certificate: it is '
        "damaged at byte 4",
    ),
    "Java, cut off": (
        lambda: java(LEAF)[:200],
        r"The Java key store is damaged: at byte \d+ it ends too early",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_place_is_told(name: str) -> None:
    make, expected = CASES[name]
    with pytest.raises(CertwrightError) as caught:
        read_bundle(make(), PASSWORD if "PFX" in name else None)
    assert caught.value.code is ErrorCode.UNREADABLE_CERTIFICATE
    assert re.search(expected, caught.value.message), caught.value.message
