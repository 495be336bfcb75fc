"""Certificate revocation lists (RFC 5280 section 5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certwright.x509.building import authority_key_identifier, signature_hash
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey


@dataclass(frozen=True)
class RevokedCertificate:
    """One entry: whose serial number, since when (UTC), and why."""

    serial: int
    revoked_at: datetime
    reason: x509.ReasonFlags


def build_revocation_list(
    issuer: Certificate,
    issuer_key: PrivateKey,
    entries: Iterable[RevokedCertificate],
    number: int,
    this_update: datetime,
    next_update: datetime,
) -> bytes:
    """A version 2 list in DER; `number` grows with each list of the same issuer."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.cryptography.subject)
        .last_update(this_update)
        .next_update(next_update)
        # RFC 5280 5.2.1 and 5.2.3: both MUST be in every list.
        .add_extension(authority_key_identifier(issuer), critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for entry in entries:
        builder = builder.add_revoked_certificate(_entry(entry))
    return builder.sign(issuer_key, signature_hash(issuer_key)).public_bytes(Encoding.DER)


def _entry(entry: RevokedCertificate) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(entry.serial)
        .revocation_date(entry.revoked_at)
    )
    # RFC 5280 5.3.1: "the reason code CRL entry extension SHOULD be absent instead of using the
    # unspecified (0) reasonCode value".
    if entry.reason is not x509.ReasonFlags.unspecified:
        builder = builder.add_extension(x509.CRLReason(entry.reason), critical=False)
    return builder.build()
