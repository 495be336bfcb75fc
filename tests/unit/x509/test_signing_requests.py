"""Requests that others made: what they ask for, and what is no request."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import example, given
from hypothesis import strategies as st

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.building import build_request
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_certificate_name
from certwright.x509.signing_requests import (
    LARGEST_REQUEST,
    SigningRequest,
    read_signing_request,
)

KEY = generate_private_key(KeyType.EC_P256)
WEAK_KEY = rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused
NAMES = tuple(map(parse_certificate_name, ("*.corp.example", "todd.corp.example", "192.0.2.7")))
MADE = build_request(KEY, NAMES, "todd.corp.example")


def pem(der: bytes) -> bytes:
    return x509.load_der_x509_csr(der).public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    "content",
    [
        MADE,
        pem(MADE),
        b"Something before.\r\n" + pem(MADE).replace(b"\n", b"\r\n"),
        pem(MADE).replace(b"CERTIFICATE REQUEST", b"NEW CERTIFICATE REQUEST"),
    ],
)
def test_it_is_read_from_pem_and_der(content: bytes) -> None:
    request = read_signing_request(content)
    assert request.der == MADE
    assert request.names[0].value == "todd.corp.example"
    assert set(request.names) == set(NAMES)
    assert request.public_key == KEY.public_key()


def signed_by(key: rsa.RSAPrivateKey | dsa.DSAPrivateKey, common_name: str) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_without_alternative_names_the_common_name_counts() -> None:
    key = rsa.generate_private_key(65537, 2048)
    request = read_signing_request(signed_by(key, "Todd.Corp.Example"))
    assert [name.value for name in request.names] == ["todd.corp.example"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "damaged"),
        (b"\x30\x03\x02\x01\x00", "damaged"),
        (MADE[:-1], "damaged"),
        (MADE[:-1] + bytes([MADE[-1] ^ 1]), "not signed"),
        (b"x" * (LARGEST_REQUEST + 1), "larger than 64 KiB"),
        (signed_by(WEAK_KEY, "a.corp.example"), "1024 bits"),
        (signed_by(dsa.generate_private_key(2048), "a.corp.example"), "not for TLS"),
        (signed_by(rsa.generate_private_key(65537, 2048), "not a name"), "no name of a server"),
    ],
)
def test_what_is_no_use_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(CertwrightError, match=why) as refused:
        read_signing_request(content)
    assert refused.value.code is ErrorCode.INVALID_INPUT


@given(st.integers(0, len(MADE) - 1), st.integers(1, 255))
@example(MADE.index(b"\x02\x01\x00") + 2, 1)  # of another version
@example(MADE.index(b"\x06\x03\x55\x04\x03") + 4, 5)  # a country of seventeen letters
def test_a_changed_byte_is_refused_or_changes_nothing(position: int, change: int) -> None:
    damaged = bytearray(MADE)
    damaged[position] ^= change
    read = outcome_of(bytes(damaged))
    if isinstance(read, SigningRequest):
        # How many bits at its end do not count is told beside the signature, and not signed.
        assert position == len(MADE) - len(x509.load_der_x509_csr(MADE).signature) - 1
        assert (set(read.names), read.public_key) == (set(NAMES), KEY.public_key())
    else:
        assert read is ErrorCode.INVALID_INPUT


def outcome_of(content: bytes) -> SigningRequest | ErrorCode:
    try:
        return read_signing_request(content)
    except CertwrightError as refused:
        return refused.code
