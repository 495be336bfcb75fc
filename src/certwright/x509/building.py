"""Making certificates and signing requests: exactly the profile that this product issues."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    NameOID,
)

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey, PublicKey
from certwright.x509.names import NameKind, ServerName
from certwright.x509.profile import Profile

_LONGEST_COMMON_NAME = 64
"""RFC 5280 appendix A.1: "ub-common-name INTEGER ::= 64"."""
_SERIAL_OCTETS = 20


@dataclass(frozen=True)
class AuthorityAddresses:
    """Where others get the issuer's certificate (DER) and its revocation list, in the clear."""

    ca_certificate_url: str
    revocation_list_url: str


def random_serial(entropy: Callable[[int], bytes]) -> int:
    """A serial number of 20 octets whose top bits make it positive, and 158 of them random.

    RFC 5280 4.1.2.2: "a positive integer", and "not ... longer than 20 octets". The second bit
    is set so that every serial has the same length.
    """
    octets = bytearray(entropy(_SERIAL_OCTETS))
    octets[0] = octets[0] & 0x7F | 0x40
    return int.from_bytes(octets, "big")


def build_root(
    common_name: str,
    organization: str,
    key: PrivateKey,
    *,
    not_before: datetime,
    days: int,
    serial: int,
) -> Certificate:
    """A self-signed authority, for `days` from `not_before`."""
    subject = _authority_name(common_name, organization)
    builder = _base(subject, subject, key.public_key(), serial)
    builder = builder.not_valid_before(not_before).not_valid_after(not_before + timedelta(days))
    builder = _authority_extensions(builder, path_length=None)
    return _sign(builder, key)


def build_intermediate(
    common_name: str,
    public_key: PublicKey,
    issuer: Certificate,
    issuer_key: PrivateKey,
    *,
    organization: str,
    not_before: datetime,
    days: int,
    serial: int,
    addresses: AuthorityAddresses,
    path_length: int = 0,
) -> Certificate:
    """An authority under `issuer`, for `days` from `not_before` but not beyond its issuer.

    `path_length` is the number of authorities that may stand below it.
    """
    not_after = min(not_before + timedelta(days), issuer.not_after)
    subject = _authority_name(common_name, organization)
    builder = _base(subject, issuer.cryptography.subject, public_key, serial)
    builder = builder.not_valid_before(not_before).not_valid_after(not_after)
    builder = _authority_extensions(builder, path_length)
    return _sign(_issuer_extensions(builder, issuer, addresses), issuer_key)


def build_leaf(
    public_key: PublicKey,
    names: Sequence[ServerName],
    common_name: str,
    issuer: Certificate,
    issuer_key: PrivateKey,
    *,
    not_before: datetime,
    not_after: datetime,
    serial: int,
    addresses: AuthorityAddresses,
    profile: Profile = Profile.SERVER,
) -> Certificate:
    """A certificate for whoever goes by `names`, never good beyond its issuer.

    A `common_name` longer than 64 characters is left out: a certificate that has it breaks
    RFC 5280's upper bound and strict clients refuse it, while the names below say it all.
    """
    subject = _server_subject(common_name)
    builder = _base(subject, issuer.cryptography.subject, public_key, serial)
    builder = builder.not_valid_before(not_before)
    builder = builder.not_valid_after(min(not_after, issuer.not_after))
    builder = _leaf_extensions(builder, public_key, names, subject, profile)
    return _sign(_issuer_extensions(builder, issuer, addresses), issuer_key)


def build_self_signed(
    key: PrivateKey,
    names: Sequence[ServerName],
    common_name: str,
    *,
    not_before: datetime,
    not_after: datetime,
    serial: int,
    profile: Profile = Profile.SERVER,
) -> Certificate:
    """A certificate signed with its own key, for test environments."""
    subject = _server_subject(common_name)
    # RFC 5280 4.1.2.4: "The issuer field MUST contain a non-empty distinguished name".
    issuer = subject if list(subject) else _name(NameOID.ORGANIZATION_NAME, "Self-signed")
    builder = _base(issuer, issuer, key.public_key(), serial)
    builder = builder.not_valid_before(not_before).not_valid_after(not_after)
    return _sign(_leaf_extensions(builder, key.public_key(), names, issuer, profile), key)


def build_request(
    key: PrivateKey,
    names: Sequence[ServerName],
    common_name: str,
    profile: Profile = Profile.SERVER,
) -> bytes:
    """A PKCS#10 signing request (RFC 2986) in DER.

    Authorities issue for servers unasked, so only another `profile` stands in it.
    """
    subject = _server_subject(common_name)
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    builder = builder.add_extension(
        _alternative_names(names), critical=_alternatives_are_critical(subject)
    )
    if profile is not Profile.SERVER:
        builder = builder.add_extension(_extended_key_usage(profile), critical=False)
    return builder.sign(key, signature_hash(key)).public_bytes(Encoding.DER)


def signature_hash(key: PrivateKey) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None:
    """The hash that goes with the key's strength; the Edwards curves have their own."""
    if isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
        return None
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size > 256:
        return hashes.SHA384() if key.curve.key_size == 384 else hashes.SHA512()
    return hashes.SHA256()


def _base(
    subject: x509.Name, issuer: x509.Name, public_key: PublicKey, serial: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(serial)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _sign(builder: x509.CertificateBuilder, key: PrivateKey) -> Certificate:
    return Certificate.from_cryptography(builder.sign(key, signature_hash(key)))


def _authority_extensions(
    builder: x509.CertificateBuilder, path_length: int | None
) -> x509.CertificateBuilder:
    # RFC 5280 4.2.1.9: "Conforming CAs MUST include this extension in all CA certificates ...
    # and MUST mark the extension as critical".
    constraints = x509.BasicConstraints(ca=True, path_length=path_length)
    builder = builder.add_extension(constraints, critical=True)
    return builder.add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)


def _leaf_extensions(
    builder: x509.CertificateBuilder,
    public_key: PublicKey,
    names: Sequence[ServerName],
    subject: x509.Name,
    profile: Profile,
) -> x509.CertificateBuilder:
    # RFC 5246 7.4.2: with the RSA key exchange the client encrypts to the server's key.
    usage = _key_usage(
        digital_signature=True, key_encipherment=isinstance(public_key, rsa.RSAPublicKey)
    )
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(_extended_key_usage(profile), critical=False)
        .add_extension(_alternative_names(names), critical=_alternatives_are_critical(subject))
    )


def _extended_key_usage(profile: Profile) -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage([x509.ObjectIdentifier(usage) for usage in profile.usages])


def _issuer_extensions(
    builder: x509.CertificateBuilder, issuer: Certificate, addresses: AuthorityAddresses
) -> x509.CertificateBuilder:
    point = x509.DistributionPoint(
        full_name=[x509.UniformResourceIdentifier(addresses.revocation_list_url)],
        relative_name=None,
        reasons=None,
        crl_issuer=None,
    )
    access = x509.AccessDescription(
        AuthorityInformationAccessOID.CA_ISSUERS,
        x509.UniformResourceIdentifier(addresses.ca_certificate_url),
    )
    return (
        builder.add_extension(authority_key_identifier(issuer), critical=False)
        .add_extension(x509.CRLDistributionPoints([point]), critical=False)
        .add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    )


def authority_key_identifier(issuer: Certificate) -> x509.AuthorityKeyIdentifier:
    """The pointer to the issuer's key, by the identifier that the issuer gives itself.

    RFC 5280 4.2.1.2: "the value of the subject key identifier MUST be the value placed in the
    key identifier field of the authority key identifier extension".
    """
    if issuer.subject_key_identifier is None:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key)
    return x509.AuthorityKeyIdentifier(bytes.fromhex(issuer.subject_key_identifier), None, None)


def _alternative_names(names: Sequence[ServerName]) -> x509.SubjectAlternativeName:
    if not names:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "A server certificate needs at least one name.",
            "Give the DNS name that clients use, such as todd.corp.example.",
        )
    return x509.SubjectAlternativeName(
        [
            x509.IPAddress(ip_address(name.value))
            if name.kind is NameKind.IP
            else x509.DNSName(name.value)
            for name in dict.fromkeys(names)
        ]
    )


def _alternatives_are_critical(subject: x509.Name) -> bool:
    # RFC 5280 4.2.1.6: "If the subject field contains an empty sequence, then the issuing CA
    # MUST include a subjectAltName extension that is marked as critical."
    return not list(subject)


def _server_subject(common_name: str) -> x509.Name:
    if not common_name or len(common_name) > _LONGEST_COMMON_NAME:
        return x509.Name([])
    return _name(NameOID.COMMON_NAME, common_name)


def _authority_name(common_name: str, organization: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _name(kind: x509.ObjectIdentifier, value: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, value)])


def _key_usage(
    *,
    digital_signature: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
