"""The certificates among the test vectors of `cryptography`, as DER."""

from functools import cache
from pathlib import Path

import cryptography_vectors

from certwright.errors import CertwrightError
from certwright.x509.certificate import Certificate
from certwright.x509.pem import pem_blocks

_FOLDER = Path(cryptography_vectors.__file__).parent / "x509"
_SUFFIXES = frozenset({".pem", ".der", ".crt"})


def vector(name: str) -> Certificate:
    """One of them, by its path below the folder x509."""
    return Certificate.from_der(_ders(_FOLDER / name)[0])


@cache
def certificate_vectors() -> tuple[bytes, ...]:
    """All that can be read as a certificate, damaged extensions included."""
    found = (
        der
        for file in sorted(_FOLDER.rglob("*"))
        if file.suffix in _SUFFIXES
        for der in _ders(file)
    )
    return tuple(dict.fromkeys(der for der in found if is_certificate(der)))


def is_certificate(der: bytes) -> bool:
    """Whether it can be read."""
    try:
        Certificate.from_der(der)
    except CertwrightError:
        return False
    return True


def _ders(file: Path) -> list[bytes]:
    data = file.read_bytes()
    if b"-----BEGIN" not in data:
        return [data]
    return [block.der for block in pem_blocks(data) if "CERTIFICATE" in block.label]
