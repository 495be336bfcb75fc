"""PRIVATEKEYBLOB: written as Windows' CAPI takes it, and read without trusting who wrote it."""

import struct

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from certwright.errors import CertwrightError, ErrorCode
from certwright.stores.rsa_blob import fits_blob, read_blob, write_blob
from certwright.x509.keys import KeyType, generate_private_key, private_key_to_der

from ...materials.rsa_keys import rsa_key

BLOB = write_blob(rsa_key())


@pytest.mark.parametrize("bits", [1024, 2048, 3072, 4096])
def test_key_comes_back_as_it_went(bits: int) -> None:
    key = rsa_key(bits=bits)
    assert fits_blob(key)
    assert private_key_to_der(read_blob(write_blob(key))) == private_key_to_der(key)


def test_blob_is_laid_out_as_microsoft_says() -> None:
    """BLOBHEADER (7, 2, 0, CALG_RSA_KEYX), RSAPUBKEY ("RSA2", bits, e), then the modulus."""
    numbers = rsa_key().public_key().public_numbers()
    assert struct.unpack_from("<BBHI", BLOB) == (7, 2, 0, 0xA400)
    assert BLOB[8:12] == b"RSA2"
    assert struct.unpack_from("<II", BLOB, 12) == (2048, 65537)
    assert int.from_bytes(BLOB[20 : 20 + 256], "little") == numbers.n
    assert len(BLOB) == 20 + 256 * 2 + 128 * 5


def test_keys_that_no_blob_can_hold_are_known() -> None:
    assert not fits_blob(generate_private_key(KeyType.EC_P256))
    # Windows' CAPI wants two primes of half the size each, in units of 16 bits.
    assert not fits_blob(rsa_key(bits=1032))
    assert not fits_blob(_with_unequal_primes())


def test_key_of_the_other_use_is_read_too() -> None:
    blob = bytearray(BLOB)
    struct.pack_into("<I", blob, 4, 0x2400)
    assert private_key_to_der(read_blob(bytes(blob))) == private_key_to_der(rsa_key())


@pytest.mark.parametrize(
    ("where", "value"),
    [(0, 6), (1, 3), (4, 0x01), (8, 0x31), (12, 0x10), (13, 0xFF), (15, 0x40), (16, 0x00)],
)
def test_another_header_is_refused(where: int, value: int) -> None:
    blob = bytearray(BLOB)
    blob[where] = value
    refuses(bytes(blob))


@given(where=st.integers(20, len(BLOB) - 1), bit=st.integers(0, 7))
def test_a_key_with_one_bit_changed_is_refused(where: int, bit: int) -> None:
    blob = bytearray(BLOB)
    blob[where] ^= 1 << bit
    refuses(bytes(blob))


@given(length=st.integers(0, len(BLOB) - 1), more=st.binary(min_size=1))
def test_another_length_is_refused(length: int, more: bytes) -> None:
    refuses(BLOB[:length])
    refuses(BLOB + more)


@given(data=st.binary())
def test_any_bytes_are_refused(data: bytes) -> None:
    refuses(data)
    refuses(BLOB[:20] + data)


def test_zeros_are_refused() -> None:
    refuses(BLOB[:20] + bytes(len(BLOB) - 20))


def refuses(data: bytes) -> None:
    with pytest.raises(CertwrightError) as raised:
        read_blob(data)
    assert raised.value.code is ErrorCode.UNREADABLE_CERTIFICATE


def _with_unequal_primes() -> rsa.RSAPrivateKey:
    """A 2048-bit key of primes with 1536 and 512 bits."""
    p = rsa_key(bits=3072).private_numbers().p
    q = rsa_key(bits=1024).private_numbers().p
    public = rsa.RSAPublicNumbers(65537, p * q)
    d = rsa.rsa_recover_private_exponent(65537, p, q)
    return rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public
    ).private_key()
