"""Certificates and private keys in PEM: read, and held against each other."""

import base64
import binascii
import hashlib
import re
import ssl
import tempfile
from pathlib import Path

from ...failures import FailureCode, MachineError
from ..service import Material
from ..service_files.reading import read_file

_CERTIFICATE = re.compile(
    r"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END "
)


def certificates_of(text: str) -> tuple[bytes, ...]:
    """The DER of every certificate in `text`, in its order; what cannot be read is left out."""
    found = []
    for match in _CERTIFICATE.finditer(text):
        try:
            found.append(base64.b64decode("".join(match[1].split()), validate=True))
        except binascii.Error:
            continue
    return tuple(one for one in found if one)


def thumbprint_of(certificate: bytes) -> str:
    """SHA-1 of the DER in lower-case hex, which names a certificate; "" for b""."""
    return hashlib.sha1(certificate, usedforsecurity=False).hexdigest() if certificate else ""


def check_pair(material: Material) -> tuple[bytes, ...]:
    """The chain's DER; raises INVALID_INPUT unless the key belongs to the certificate meant."""
    chain = certificates_of(material.chain)
    if not chain or thumbprint_of(chain[0]) != material.thumbprint:
        raise MachineError(
            FailureCode.INVALID_INPUT,
            f"The chain does not begin with the certificate {material.thumbprint}.",
            "Select the certificate anew.",
        )
    if not _belongs(material):
        raise MachineError(
            FailureCode.INVALID_INPUT,
            f"The private key does not belong to the certificate {material.thumbprint}.",
            "Select the certificate together with its own key.",
        )
    return chain


def refusal_of(certificate: Path, key: Path) -> str:
    """Why OpenSSL does not take two files as a pair, in its words; "" if it does.

    A key under a password is not looked at, as only its program knows the password.
    """
    try:
        private_key = read_file(key)
        if b"ENCRYPTED" in private_key:
            return ""
        _load(read_file(certificate), private_key)
    except ssl.SSLError as error:
        return (error.reason or str(error)).replace("_", " ").lower()
    except (OSError, ValueError, MachineError) as error:
        return str(error)
    return ""


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Security level 0: whether a short key is good enough is not judged here.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def _load(certificate: bytes, key: bytes) -> None:
    """Raises what OpenSSL raises. It reads files alone, and would wait for a pipe without end."""
    with tempfile.TemporaryDirectory(prefix="certwright-") as folder:  # closed to others (mkdtemp)
        paths = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        for path, content in zip(paths, (certificate, key), strict=True):
            path.write_bytes(content)
        _context().load_cert_chain(*paths, password="")


def _belongs(material: Material) -> bool:
    pair = (text.encode("ascii", "replace") for text in (material.chain, material.private_key))
    try:
        _load(*pair)
    except (OSError, ValueError):
        return False
    return True
