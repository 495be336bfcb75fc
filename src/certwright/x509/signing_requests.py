"""Reading requests for a certificate (PKCS#10, RFC 2986) that others made."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import PARSER_ERRORS, reading_oddities
from certwright.x509.keys import PublicKey
from certwright.x509.names import ServerName, parse_certificate_name
from certwright.x509.pem import pem_blocks

LARGEST_REQUEST = 64 * 1024
_LABELS = frozenset({"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"})
_FEWEST_RSA_BITS = 2048
"""CA/Browser Forum, Baseline Requirements 6.1.5."""


@dataclass(frozen=True)
class SigningRequest:
    """What a request asks for; `names` has its Common Name first where that is one of them."""

    der: bytes
    names: tuple[ServerName, ...]
    public_key: PublicKey


def read_signing_request(content: bytes) -> SigningRequest:
    """Read a request in PEM or DER, and see that whoever made it has the private key.

    Raises INVALID_INPUT.
    """
    if len(content) > LARGEST_REQUEST:
        raise _refusal(f"it is larger than {LARGEST_REQUEST // 1024} KiB")
    try:
        with reading_oddities():
            request = x509.load_der_x509_csr(_der(content))
            key = request.public_key()
            is_signed = request.is_signature_valid
            names = _names(request)
    except PARSER_ERRORS:
        raise _refusal("it is damaged, or of a kind that is not known here") from None
    if not isinstance(key, PublicKey):
        raise _refusal("its key is of a kind that is not for TLS")
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _FEWEST_RSA_BITS:
        raise _refusal(f"its RSA key has {key.key_size} bits, fewer than {_FEWEST_RSA_BITS}")
    if not is_signed:
        raise _refusal("it is not signed with its own key")
    return SigningRequest(request.public_bytes(Encoding.DER), names, key)


def _der(content: bytes) -> bytes:
    for block in pem_blocks(content):
        if block.label in _LABELS:
            return block.der
    return content


def _names(request: x509.CertificateSigningRequest) -> tuple[ServerName, ...]:
    try:
        extension = request.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        texts = []
    else:
        alternative = extension.value
        texts = [
            *alternative.get_values_for_type(x509.DNSName),
            *map(str, alternative.get_values_for_type(x509.IPAddress)),
        ]
    common = [
        str(one.value)
        for one in request.subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
    ]
    texts = texts or common
    ordered = sorted(texts, key=lambda text: text not in common)
    return tuple(dict.fromkeys(map(parse_certificate_name, ordered)))


def _refusal(why: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        f"The request for a certificate cannot be taken: {why}.",
        "Make one in PEM or DER (PKCS#10) with a key of ECDSA P-256 or RSA 2048 or more: "
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=NAME "
        "-addext subjectAltName=DNS:NAME -keyout FILE -out FILE",
    )
