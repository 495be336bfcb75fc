"""An authority whose lists and responses can be had right, and wrong in one point."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certwright.x509.building import AuthorityAddresses, build_leaf, build_root
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, PrivateKey, generate_private_key
from certwright.x509.names import parse_server_name

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LIST_URL = "http://ca.example/ca.crl"
ADDRESSES = AuthorityAddresses("http://ca.example/ca.cer", LIST_URL)
NONCE = bytes(range(32))
COMMON_NAME, COUNTRY = b"\x55\x04\x03", b"\x55\x04\x06"
"""Object identifiers of parts of a name as they are encoded; one octet apart."""

KEY = generate_private_key(KeyType.EC_P256)
OTHER_KEY = generate_private_key(KeyType.EC_P256)


def _root(name: str, key: PrivateKey) -> Certificate:
    return build_root(name, "Corp", key, not_before=AT - 100 * DAY, days=1000, serial=1)


ISSUER = _root("Corp Issuing", KEY)
STRANGER = _root("Stranger", OTHER_KEY)
NAMESAKE = _root("Corp Issuing", OTHER_KEY)


def leaf(serial: int = 0x1234, issuer: Certificate = ISSUER, key: PrivateKey = KEY) -> Certificate:
    public_key = generate_private_key(KeyType.EC_P256).public_key()
    return build_leaf(
        public_key,
        [parse_server_name("todd.corp.example")],
        "todd.corp.example",
        issuer,
        key,
        not_before=AT - DAY,
        not_after=AT + 90 * DAY,
        serial=serial,
        addresses=ADDRESSES,
    )


LEAF = leaf()
Extension = tuple[x509.ExtensionType, bool]


def revocation_list(
    *revoked: x509.RevokedCertificate,
    extensions: tuple[Extension, ...] = (),
    issuer: x509.Name | None = None,
    key: PrivateKey = KEY,
    this_update: datetime = AT - DAY,
    next_update: datetime = AT + DAY,
) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer or ISSUER.cryptography.subject)
        .last_update(this_update)
        .next_update(next_update)
    )
    for value, is_critical in extensions:
        builder = builder.add_extension(value, critical=is_critical)
    for entry in revoked:
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def entry(
    serial: int = 0x1234, reason: x509.ReasonFlags | None = None, *extensions: Extension
) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(AT - 2 * DAY)
    if reason is not None:
        builder = builder.add_extension(x509.CRLReason(reason), critical=False)
    for value, is_critical in extensions:
        builder = builder.add_extension(value, critical=is_critical)
    return builder.build()


def scope(**options: object) -> x509.IssuingDistributionPoint:
    given: dict[str, object] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    make: Callable[..., x509.IssuingDistributionPoint] = x509.IssuingDistributionPoint
    return make(**(given | options))


def responder(
    key: PrivateKey,
    *,
    issuer: Certificate = ISSUER,
    issuer_key: PrivateKey = KEY,
    is_one: bool = True,
    not_after: datetime = AT + DAY,
) -> Certificate:
    """A certificate to answer with in the issuer's stead, if it is right."""
    usage = ExtendedKeyUsageOID.OCSP_SIGNING if is_one else ExtendedKeyUsageOID.SERVER_AUTH
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Responder")]))
        .issuer_name(issuer.cryptography.subject)
        .public_key(key.public_key())
        .serial_number(77)
        .not_valid_before(AT - 2 * DAY)
        .not_valid_after(not_after)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    )
    return Certificate.from_cryptography(builder.sign(issuer_key, hashes.SHA256()))


def ocsp_response(
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    *,
    about: Certificate = LEAF,
    issuer: Certificate = ISSUER,
    signer: Certificate = ISSUER,
    key: PrivateKey = KEY,
    algorithm: hashes.HashAlgorithm | None = None,
    reason: x509.ReasonFlags | None = None,
    this_update: datetime = AT - DAY,
    next_update: datetime | None = AT + DAY,
    nonce: bytes | None = None,
    by_hash: bool = True,
    sent: tuple[Certificate, ...] = (),
    extension: Extension | None = None,
) -> bytes:
    is_revoked = status is ocsp.OCSPCertStatus.REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=about.cryptography,
        issuer=issuer.cryptography,
        algorithm=algorithm or hashes.SHA1(),  # noqa: S303
        cert_status=status,
        this_update=this_update,
        next_update=next_update,
        revocation_time=AT - 2 * DAY if is_revoked else None,
        revocation_reason=reason,
    )
    encoding = ocsp.OCSPResponderEncoding.HASH if by_hash else ocsp.OCSPResponderEncoding.NAME
    builder = builder.responder_id(encoding, signer.cryptography)
    if sent:
        builder = builder.certificates([certificate.cryptography for certificate in sent])
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    if extension is not None:
        builder = builder.add_extension(extension[0], critical=extension[1])
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
