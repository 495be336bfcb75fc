"""The certificate that answers tls-alpn-01 (RFC 8737 3)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from certwright.authorities.acme.challenges import Challenge
from certwright.x509.keys import PrivateKey, private_key_to_pem
from certwright.x509.names import NameKind

ALPN = "acme-tls/1"
ACME_IDENTIFIER = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.31")
_OCTET_STRING_OF_32 = b"\x04\x20"
_BACK_DATED = timedelta(days=1)
_LIFETIME = timedelta(days=7)


@dataclass(frozen=True)
class ValidationCertificate:
    """What to show to whoever asks with ALPN "acme-tls/1" and the challenge's `server_name`."""

    chain_pem: str
    key_pem: str = field(repr=False)


def build_validation_certificate(
    challenge: Challenge, key: PrivateKey, serial: int, now: datetime
) -> ValidationCertificate:
    """Self-signed with `key`, for the one name, with the hash of the key authorization in it.

    RFC 8737 3: "a critical acmeIdentifier extension", and "a subjectAltName extension containing
    the dNSName being validated and no other entries"; RFC 8738 6 has the address instead.
    """
    name = x509.Name([])
    alternative = (
        x509.DNSName(challenge.name.value)
        if challenge.name.kind is NameKind.DNS
        else x509.IPAddress(ip_address(challenge.name.value))
    )
    digest = sha256(challenge.key_authorization.encode("ascii")).digest()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - _BACK_DATED)
        .not_valid_after(now + _LIFETIME)
        # RFC 5280 4.2.1.6: critical where the subject is empty.
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=True)
        .add_extension(
            x509.UnrecognizedExtension(ACME_IDENTIFIER, _OCTET_STRING_OF_32 + digest),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM).decode("ascii")
    return ValidationCertificate(pem, private_key_to_pem(key))
