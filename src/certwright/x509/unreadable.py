"""Why a certificate cannot be read, as exactly as the bytes tell."""

import re

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.ber import first_flaw
from certwright.x509.certificate import PARSER_ERRORS, Certificate, reading_oddities
from certwright.x509.keys import KEY_ERRORS
from certwright.x509.text import printable

_PARTS = {
    "serial": "serial number",
    "signature_alg": "signature algorithm",
    "issuer": "issuer",
    "validity": "validity",
    "subject": "subject",
    "raw_extensions": "extensions",
}
_KEY = '"TbsCertificate::spki"'
_MALFORMED_KEY = "its public key is malformed, or of a kind that is not known here"
_LOCATION = re.compile(r'"TbsCertificate::(\w+)"')


_LARGEST = 100 * 1024
"""Bytes. OpenSSL's clients refuse a chain that is longer (SSL_CTX_set_max_cert_list(3): "the
default limit is 100kB"), and a store may hold as many of them as somebody cares to bring."""


def read_certificate(der: bytes, where: str) -> Certificate:
    """The certificate; raises TOO_LARGE, or UNREADABLE_CERTIFICATE that says what is wrong.

    `where` is how both name it.
    """
    if len(der) > _LARGEST:
        raise CertwrightError(
            ErrorCode.TOO_LARGE,
            f"{where} is larger than {_LARGEST // 1024} KiB, which TLS clients do not take.",
            "Request a certificate with fewer names, or several of them.",
        )
    try:
        return Certificate.from_der(der)
    except CertwrightError as error:
        raise CertwrightError(
            ErrorCode.UNREADABLE_CERTIFICATE,
            f"{where} cannot be read as a certificate: {_why(der)}.",
            error.remedy,
        ) from None


def _why(der: bytes) -> str:
    flaw = first_flaw(der)
    if flaw is not None:
        return f"it is damaged at byte {flaw.position:,}, where {flaw.reason}"
    try:
        with reading_oddities():
            certificate = x509.load_der_x509_certificate(der)
            return _why_not_taken(certificate)
    except x509.InvalidVersion as error:
        return f"it says to be of version {error.parsed_version + 1}, and 3 is the highest"
    except PARSER_ERRORS as error:
        return _malformed(str(error))


def _why_not_taken(certificate: x509.Certificate) -> str:
    try:
        kind = type(certificate.public_key()).__name__.removesuffix("PublicKey").upper()
    except UnsupportedAlgorithm:
        algorithm = certificate.public_key_algorithm_oid.dotted_string
        return f"its key is of a kind that is not known here ({algorithm})"
    except KEY_ERRORS:
        return _MALFORMED_KEY
    if kind not in ("RSA", "EC", "ED25519", "ED448"):
        return f"its key is of the kind {kind}, which is not for TLS certificates"
    for part in ("subject", "issuer"):
        try:
            getattr(certificate, part)
        except PARSER_ERRORS:
            return f"its {part} is malformed"
    return "its dates are out of range"


def _malformed(report: str) -> str:
    """What the parser says, with the part named as people name it."""
    if _KEY in report:
        return _MALFORMED_KEY
    if found := _LOCATION.search(report):
        part = _PARTS.get(found[1], printable(found[1].replace("_", " ")))
        return f"its {part} is malformed" if not part.endswith("s") else f"its {part} are malformed"
    return "it is malformed"
