"""PFX files (PKCS#12, RFC 7292), as Windows and everybody else writes them."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12KeyAndCertificates,
    load_pkcs12,
)

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate, reading_oddities
from certwright.x509.derivation import refuse_costly_derivation
from certwright.x509.keys import PrivateKey, accept_private_key
from certwright.x509.password import encode_password, wrong_password


def read_pkcs12(
    data: bytes, password: str | None
) -> tuple[tuple[Certificate, ...], tuple[PrivateKey, ...]]:
    """The certificates, the key's own first, and the private key if there is one.

    Raises WRONG_PASSWORD, UNREADABLE_CERTIFICATE, or TOO_LARGE where opening it takes too long.
    """
    refuse_costly_derivation(data)
    content = _open(data, password)
    found = [content.cert, *content.additional_certs]
    certificates = tuple(
        Certificate.from_cryptography(entry.certificate) for entry in found if entry is not None
    )
    keys = () if content.key is None else (accept_private_key(content.key),)
    return certificates, keys


def _open(data: bytes, password: str | None) -> PKCS12KeyAndCertificates:
    for attempt in _attempts(password):
        try:
            with reading_oddities():
                return load_pkcs12(data, attempt)
        except UnsupportedAlgorithm:
            raise CertwrightError(
                ErrorCode.UNREADABLE_CERTIFICATE,
                "The PFX file is encrypted in a way that is not known here.",
                "Export it again with AES-256, or with the format's older 3DES.",
            ) from None
        except (ValueError, TypeError):
            continue
    if password:
        raise wrong_password()
    raise CertwrightError(
        ErrorCode.WRONG_PASSWORD,
        "The PFX file needs a password, and none was given.",
        "Give the password that the file was exported with.",
    )


def _attempts(password: str | None) -> tuple[bytes | None, ...]:
    # RFC 7292 B.1: the empty password is two zero octets, but some programs make it none at all,
    # and a file does not tell which: both are "no password" to the one who exported it.
    if not password:
        return b"", None
    return (encode_password(password),)
