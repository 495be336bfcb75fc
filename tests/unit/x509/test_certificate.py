"""Every attribute of a certificate can be read, whoever made it."""

import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate, is_signed_by
from certwright.x509.names import parse_server_name

from .certificate_vectors import certificate_vectors
from .pki import NAME, START, Authority

KEY = ec.derive_private_key(5, ec.SECP256R1())
_ATTRIBUTES = 27


def made(
    *attributes: x509.NameAttribute[str],
    extensions: tuple[x509.ExtensionType, ...] = (),
    serial: int = 255,
) -> Certificate:
    name = x509.Name(attributes)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(serial)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(1))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return Certificate.from_cryptography(builder.sign(KEY, hashes.SHA256()))


def attribute(kind: x509.ObjectIdentifier, value: str) -> x509.NameAttribute[str]:
    return x509.NameAttribute(kind, value)


def read_everything(certificate: Certificate) -> tuple[object, ...]:
    return (
        certificate.pem,
        certificate.fingerprint,
        certificate.thumbprint,
        certificate.subject,
        certificate.issuer,
        certificate.common_names,
        certificate.common_name,
        certificate.issuer_name,
        certificate.names,
        certificate.dns_names,
        certificate.ip_addresses,
        certificate.serial,
        certificate.not_before,
        certificate.not_after,
        certificate.is_authority,
        certificate.is_self_issued,
        certificate.is_self_signed,
        certificate.key_fingerprint,
        certificate.key_description,
        certificate.extended_key_usages,
        certificate.key_usage,
        certificate.subject_key_identifier,
        certificate.authority_key_identifier,
        certificate.signature_algorithm,
        certificate.issuer_addresses,
        certificate.covers(parse_server_name(NAME)),
        repr(certificate),
    )


def test_identity() -> None:
    certificate = made(attribute(NameOID.COMMON_NAME, "x"))
    again = Certificate.from_der(certificate.der)
    assert again == certificate
    assert hash(again) == hash(certificate)
    assert certificate != made(attribute(NameOID.COMMON_NAME, "x"), serial=1)
    assert certificate != "x"
    assert certificate.fingerprint == hashlib.sha256(certificate.der).hexdigest()
    assert (
        certificate.thumbprint == hashlib.sha1(certificate.der, usedforsecurity=False).hexdigest()
    )
    assert certificate.serial == "ff"
    assert x509.load_pem_x509_certificate(certificate.pem.encode()) == again.cryptography


def test_serial_number_that_is_not_positive_is_read_all_the_same() -> None:
    # RFC 5280 4.1.2.2 forbids zero, yet roots that have it are still about; the parser warns.
    der = made(serial=255).der
    start = der.index(b"\x02\x02\x00\xff")
    zero = Certificate.from_der(der[:start] + b"\x02\x02\xff\x00" + der[start + 4 :])
    assert zero.serial == "-100"
    assert len(read_everything(zero)) == _ATTRIBUTES


@pytest.mark.parametrize(
    ("attributes", "called"),
    [
        ([(NameOID.COMMON_NAME, "todd")], "todd"),
        ([(NameOID.ORGANIZATION_NAME, "Corp")], "O=Corp"),
        ([(NameOID.ORGANIZATION_NAME, "x" * 100)], "O=" + "x" * 62 + "…"),
    ],
)
def test_short_name_is_fit_for_a_sentence(
    attributes: list[tuple[x509.ObjectIdentifier, str]], called: str
) -> None:
    certificate = made(*(attribute(kind, value) for kind, value in attributes))
    assert certificate.short_name == called


def test_several_common_names_keep_their_order() -> None:
    certificate = made(
        attribute(NameOID.COMMON_NAME, "first"), attribute(NameOID.COMMON_NAME, "second")
    )
    assert certificate.common_names == ("first", "second")
    assert certificate.common_name == "first"


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ([(NameOID.ORGANIZATION_NAME, "Corp"), (NameOID.COMMON_NAME, "CA 1")], "CA 1"),
        ([(NameOID.ORGANIZATION_NAME, "Corp")], "Corp"),
        ([(NameOID.COUNTRY_NAME, "DE")], "C=DE"),
    ],
)
def test_issuer_is_called_by_what_it_has(
    attributes: list[tuple[x509.ObjectIdentifier, str]], name: str
) -> None:
    certificate = made(*(attribute(kind, value) for kind, value in attributes))
    assert certificate.issuer_name == name


def test_text_to_show_steers_no_terminal() -> None:
    certificate = made(attribute(NameOID.COMMON_NAME, "a\x1b[2J\u202eb"))
    assert certificate.common_name == "a\ufffd[2J\ufffdb"
    assert certificate.subject.isprintable()


def test_what_is_absent_reads_as_absent() -> None:
    certificate = made()
    assert certificate.extended_key_usages is None
    assert certificate.key_usage is None
    assert certificate.subject_key_identifier is None
    assert certificate.authority_key_identifier is None
    assert certificate.names == ()
    assert certificate.common_name == ""
    assert not certificate.is_authority


@pytest.mark.parametrize(
    "extension",
    [
        x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"\xff"),
        x509.UnrecognizedExtension(ExtensionOID.BASIC_CONSTRAINTS, b""),
        x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"\x30\x03\x87\x01\x00"),
        x509.UnrecognizedExtension(ExtensionOID.EXTENDED_KEY_USAGE, b"\x30\x80"),
    ],
    ids=["no names", "empty", "short address", "open length"],
)
def test_extension_that_cannot_be_read_counts_as_absent(
    extension: x509.UnrecognizedExtension,
) -> None:
    certificate = made(extensions=(extension,))
    assert not certificate.extensions_are_readable
    assert certificate.names == ()
    assert read_everything(certificate)


@given(
    st.binary(max_size=40),
    st.sampled_from(
        sorted(
            (
                ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
                ExtensionOID.BASIC_CONSTRAINTS,
                ExtensionOID.EXTENDED_KEY_USAGE,
                ExtensionOID.KEY_USAGE,
                ExtensionOID.SUBJECT_KEY_IDENTIFIER,
                ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
            ),
            key=str,
        )
    ),
)
def test_any_bytes_in_an_extension(content: bytes, kind: x509.ObjectIdentifier) -> None:
    certificate = made(extensions=(x509.UnrecognizedExtension(kind, content),))
    assert len(read_everything(certificate)) == _ATTRIBUTES


@given(position=st.integers(min_value=0), replacement=st.binary(min_size=1, max_size=3))
def test_any_damage_is_read_or_refused(
    issuing: Authority, position: int, replacement: bytes
) -> None:
    der = issuing.certificate.der
    start = position % len(der)
    outcome = _read_or_refused(der[:start] + replacement + der[start + len(replacement) :])
    if isinstance(outcome, CertwrightError):
        assert outcome.code == ErrorCode.UNREADABLE_CERTIFICATE
    else:
        assert len(read_everything(outcome)) == _ATTRIBUTES


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(CertwrightError) as caught:
        Certificate.from_der(data)
    assert caught.value.code == ErrorCode.UNREADABLE_CERTIFICATE


def test_key_that_no_server_uses_is_refused() -> None:
    key = dsa.generate_private_key(2048)
    name = x509.Name([attribute(NameOID.COMMON_NAME, "dsa")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(1))
        .sign(KEY, hashes.SHA256())
    )
    with pytest.raises(CertwrightError):
        Certificate.from_cryptography(certificate)


def test_same_name_with_another_key_is_not_the_signer(root: Authority) -> None:
    namesake = Authority.root()
    assert namesake.certificate.subject == root.certificate.subject
    leaf = root.leaf()
    assert is_signed_by(leaf, root.certificate)
    assert not is_signed_by(leaf, namesake.certificate)
    assert not is_signed_by(leaf, leaf)


def test_covers_looks_at_entries_of_the_same_kind(root: Authority) -> None:
    leaf = root.leaf([NAME, "10.1.2.3"])
    assert leaf.covers(parse_server_name("TODD.corp.example"))
    assert leaf.covers(parse_server_name("10.1.2.3"))
    assert not leaf.covers(parse_server_name("10.1.2.4"))


def _read_or_refused(der: bytes) -> Certificate | CertwrightError:
    try:
        return Certificate.from_der(der)
    except CertwrightError as error:
        return error


def test_addresses_of_the_issuer() -> None:
    def access(method: x509.ObjectIdentifier, name: x509.GeneralName) -> x509.AccessDescription:
        return x509.AccessDescription(method, name)

    issuers, answers = AuthorityInformationAccessOID.CA_ISSUERS, AuthorityInformationAccessOID.OCSP
    certificate = made(
        extensions=(
            x509.AuthorityInformationAccess(
                [
                    access(answers, x509.UniformResourceIdentifier("http://ocsp.example/")),
                    access(issuers, x509.DNSName("pki.example")),
                    access(issuers, x509.UniformResourceIdentifier("ldap:///CN=CA")),
                    access(issuers, x509.UniformResourceIdentifier("http://pki.example/ca.cer")),
                ]
            ),
        )
    )
    assert certificate.issuer_addresses == ("ldap:///CN=CA", "http://pki.example/ca.cer")
    assert made().issuer_addresses == ()


def test_every_attribute_of_every_vector_can_be_read() -> None:
    # The library raises ValueError for the digest of damaged RSASSA-PSS parameters, for one.
    for der in certificate_vectors():
        assert len(read_everything(Certificate.from_der(der))) == _ATTRIBUTES
