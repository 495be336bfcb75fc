"""The certificates made here have exactly the profile demanded."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.building import (
    build_intermediate,
    build_leaf,
    build_request,
    build_root,
    build_self_signed,
    random_serial,
)
from certwright.x509.certificate import Certificate, is_signed_by
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name

from .pki import ADDRESSES, AT, NAME, START, Authority

SERVER_AUTH = "1.3.6.1.5.5.7.3.1"


def criticality(certificate: Certificate) -> dict[str, bool]:
    extensions = certificate.cryptography.extensions
    return {extension.oid._name: extension.critical for extension in extensions}


def used_for(certificate: Certificate) -> set[str]:
    usage = certificate.key_usage
    assert usage is not None
    flags = {"digital_signature", "key_encipherment", "key_cert_sign", "crl_sign"}
    others = {"content_commitment", "data_encipherment", "key_agreement"}
    assert not any(getattr(usage, flag) for flag in others)
    return {flag for flag in flags if getattr(usage, flag)}


def test_root(root: Authority) -> None:
    certificate = root.certificate
    assert certificate.subject == certificate.issuer == "CN=Root,O=Corp"
    assert certificate.is_self_signed
    assert certificate.is_authority
    assert certificate.not_before == START
    assert certificate.not_after == START + timedelta(3653)
    assert certificate.key_description == "ECDSA P-384"
    assert certificate.signature_algorithm == "ecdsa-with-SHA384"
    assert used_for(certificate) == {"key_cert_sign", "crl_sign"}
    assert criticality(certificate) == {
        "subjectKeyIdentifier": False,
        "basicConstraints": True,
        "keyUsage": True,
    }


def test_intermediate(root: Authority, issuing: Authority) -> None:
    certificate = issuing.certificate
    assert is_signed_by(certificate, root.certificate)
    assert certificate.authority_key_identifier == root.certificate.subject_key_identifier
    constraints = certificate.cryptography.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)
    assert used_for(certificate) == {"key_cert_sign", "crl_sign"}
    assert criticality(certificate) == {
        "subjectKeyIdentifier": False,
        "basicConstraints": True,
        "keyUsage": True,
        "authorityKeyIdentifier": False,
        "cRLDistributionPoints": False,
        "authorityInfoAccess": False,
    }


def test_leaf(issuing: Authority) -> None:
    leaf = issuing.leaf([NAME, "10.1.2.3", "::1", NAME])
    assert leaf.subject == f"CN={NAME}"
    assert leaf.names == (NAME, "10.1.2.3", "::1")
    assert leaf.dns_names == (NAME,)
    assert leaf.ip_addresses == ("10.1.2.3", "::1")
    assert leaf.extended_key_usages == (SERVER_AUTH,)
    assert used_for(leaf) == {"digital_signature"}
    assert not leaf.is_authority
    assert is_signed_by(leaf, issuing.certificate)
    assert criticality(leaf) == {
        "subjectKeyIdentifier": False,
        "basicConstraints": True,
        "keyUsage": True,
        "extendedKeyUsage": False,
        "subjectAltName": False,
        "authorityKeyIdentifier": False,
        "cRLDistributionPoints": False,
        "authorityInfoAccess": False,
    }


def test_leaf_tells_where_to_find_its_issuer_and_what_was_revoked(issuing: Authority) -> None:
    extensions = issuing.leaf().cryptography.extensions
    (access,) = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert access.access_method == AuthorityInformationAccessOID.CA_ISSUERS
    assert access.access_location.value == ADDRESSES.ca_certificate_url
    (point,) = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name is not None
    assert [name.value for name in point.full_name] == [ADDRESSES.revocation_list_url]


def test_rsa_leaf_may_be_encrypted_to(issuing: Authority) -> None:
    leaf = issuing.leaf(key_type=KeyType.RSA_2048)
    assert used_for(leaf) == {"digital_signature", "key_encipherment"}


@pytest.mark.parametrize("common_name", ["", ".".join(["a" * 32, "b" * 32])])
def test_common_name_that_cannot_be_is_left_out(issuing: Authority, common_name: str) -> None:
    leaf = issuing.leaf(common_name=common_name)
    assert leaf.subject == ""
    assert leaf.common_name == ""
    assert criticality(leaf)["subjectAltName"] is True


def test_common_name_of_64_characters_stays(issuing: Authority) -> None:
    name = f"{'a' * 32}.{'b' * 31}"
    assert issuing.leaf([name]).common_name == name


def test_nothing_outlives_its_issuer(root: Authority) -> None:
    issuing = root.authority(days=9999)
    assert issuing.certificate.not_after == root.certificate.not_after
    brief = root.authority(days=10)
    assert brief.leaf(days=47).not_after == brief.certificate.not_after


def test_leaf_without_names_is_refused(issuing: Authority) -> None:
    with pytest.raises(CertwrightError) as caught:
        issuing.leaf([], NAME)
    assert caught.value.code == ErrorCode.INVALID_INPUT


def test_key_identifier_of_the_issuer_is_taken_over() -> None:
    # Its subject key identifier need not be the hash that this product would have taken.
    key = generate_private_key(KeyType.EC_P256)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Elsewhere")])
    issuer = Certificate.from_cryptography(
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(99))
        .add_extension(x509.SubjectKeyIdentifier(b"by hand"), critical=False)
        .sign(key, hashes.SHA256())
    )
    assert Authority(issuer, key).leaf().authority_key_identifier == b"by hand".hex()


def test_self_signed() -> None:
    key = generate_private_key(KeyType.EC_P256)
    certificate = build_self_signed(
        key,
        [parse_server_name(NAME)],
        NAME,
        not_before=START,
        not_after=START + timedelta(365),
        serial=7,
    )
    assert certificate.is_self_signed
    assert not certificate.is_authority
    assert certificate.names == (NAME,)
    assert certificate.extended_key_usages == (SERVER_AUTH,)


def test_self_signed_without_common_name_still_names_its_issuer() -> None:
    certificate = build_self_signed(
        ed25519.Ed25519PrivateKey.generate(),
        [parse_server_name("::1")],
        "",
        not_before=START,
        not_after=AT,
        serial=7,
    )
    assert certificate.issuer == "O=Self-signed"
    assert certificate.is_self_signed


@pytest.mark.parametrize("common_name", [NAME, ""])
def test_request(common_name: str) -> None:
    key = generate_private_key(KeyType.EC_P256)
    der = build_request(key, [parse_server_name(NAME)], common_name)
    request = x509.load_der_x509_csr(der)
    assert request.is_signature_valid
    assert request.public_key() == key.public_key()
    extension = request.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    assert extension.critical is (not common_name)


@given(st.binary(min_size=20, max_size=20))
def test_serial_is_positive_and_takes_20_octets(octets: bytes) -> None:
    asked: list[int] = []

    def entropy(length: int) -> bytes:
        asked.append(length)
        return octets

    serial = random_serial(entropy)
    assert asked == [20]
    # RFC 5280 4.1.2.2, in DER: a leading zero octet would be a 21st.
    assert serial.bit_length() == 159


@pytest.mark.parametrize("key_type", list(KeyType))
def test_every_kind_of_key_makes_an_authority(key_type: KeyType) -> None:
    key = generate_private_key(key_type)
    root = build_root("Any", "Corp", key, not_before=START, days=10, serial=1)
    made = build_intermediate(
        "Below",
        key.public_key(),
        root,
        key,
        organization="Corp",
        not_before=START,
        days=5,
        serial=2,
        addresses=ADDRESSES,
    )
    leaf = build_leaf(
        key.public_key(),
        [parse_server_name(NAME)],
        NAME,
        made,
        key,
        not_before=START,
        not_after=AT,
        serial=3,
        addresses=ADDRESSES,
    )
    assert root.is_self_signed
    assert is_signed_by(made, root)
    assert is_signed_by(leaf, made)
