"""Private keys at rest: only the right key, for the right purpose, untouched, opens them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.database.encryption import (
    KEY_LENGTH,
    KeyEncryptionKey,
    key_from_base64,
    key_from_passphrase,
    new_key_content,
    new_salt_content,
    salt_from_hex,
)
from certwright.errors import CertwrightError, ErrorCode

KEY = KeyEncryptionKey(bytes(range(KEY_LENGTH)))
OTHER_KEY = KeyEncryptionKey(bytes(KEY_LENGTH))

secrets = st.binary(min_size=KEY_LENGTH, max_size=KEY_LENGTH)


def refused(key: KeyEncryptionKey, encrypted: bytes, context: str) -> ErrorCode:
    with pytest.raises(CertwrightError) as error:
        key.decrypt(encrypted, context)
    return error.value.code


@given(secret=secrets, plain=st.binary(max_size=200), context=st.text(max_size=20))
def test_what_was_encrypted_comes_back(secret: bytes, plain: bytes, context: str) -> None:
    key = KeyEncryptionKey(secret)
    assert key.decrypt(key.encrypt(plain, context), context) == plain


@given(position=st.integers(min_value=0, max_value=10_000), bit=st.integers(0, 7))
def test_one_changed_bit_is_found_out(position: int, bit: int) -> None:
    encrypted = bytearray(KEY.encrypt(b"the private key", "of this public key"))
    encrypted[position % len(encrypted)] ^= 1 << bit
    assert refused(KEY, bytes(encrypted), "of this public key") is (
        ErrorCode.WRONG_KEY_ENCRYPTION_KEY
    )


@given(st.binary(max_size=60))
def test_any_other_bytes_are_refused(encrypted: bytes) -> None:
    assert refused(KEY, encrypted, "context") is ErrorCode.WRONG_KEY_ENCRYPTION_KEY


def test_another_key_or_purpose_is_refused() -> None:
    encrypted = KEY.encrypt(b"plain", "one")
    assert refused(OTHER_KEY, encrypted, "one") is ErrorCode.WRONG_KEY_ENCRYPTION_KEY
    assert refused(KEY, encrypted, "another") is ErrorCode.WRONG_KEY_ENCRYPTION_KEY


def test_the_same_plain_bytes_never_look_the_same() -> None:
    # A nonce used twice under one key would give the plain bytes away (NIST SP 800-38D 8).
    assert len({KEY.encrypt(b"plain", "context") for _ in range(1000)}) == 1000


def test_neither_key_nor_plain_bytes_show() -> None:
    secret = b"0123456789abcdef0123456789abcdef"
    key = KeyEncryptionKey(secret)
    assert secret.decode() not in repr(key)
    assert secret.hex() not in key.identifier
    assert b"plain bytes" not in key.encrypt(b"plain bytes", "context")


@given(first=secrets, second=secrets)
def test_identifiers_tell_keys_apart(first: bytes, second: bytes) -> None:
    same = KeyEncryptionKey(first).identifier == KeyEncryptionKey(second).identifier
    assert same == (first == second)


def test_passphrase_makes_one_key_with_one_salt() -> None:
    key = key_from_passphrase("correct horse battery staple", b"salt of 16 bytes")
    assert key == key_from_passphrase("correct horse battery staple", b"salt of 16 bytes")
    assert key != key_from_passphrase("correct horse battery staple", b"another 16 bytes")
    assert key != key_from_passphrase("Correct horse battery staple", b"salt of 16 bytes")


@pytest.mark.parametrize(
    "text",
    ["", "short", "===", "\N{SNOWMAN}", base64.b64encode(bytes(31)).decode(), "x" * 44, "\ud800"],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(CertwrightError) as error:
        key_from_base64(text)
    assert error.value.code is ErrorCode.WRONG_KEY_ENCRYPTION_KEY
    assert len(text) < 5 or text not in error.value.message + error.value.remedy


def test_a_new_key_and_a_new_salt_are_read_again() -> None:
    assert key_from_base64(new_key_content()) != key_from_base64(new_key_content())
    assert len(salt_from_hex(new_salt_content())) == 16


@given(st.binary(max_size=60).filter(lambda content: len(content.strip()) != 44))
def test_damaged_key_file_is_told_of(content: bytes) -> None:
    with pytest.raises(CertwrightError) as error:
        key_from_base64(content)
    assert error.value.code is ErrorCode.WRONG_KEY_ENCRYPTION_KEY


@pytest.mark.parametrize("content", [b"", b"not hexadecimal", b"\xff\xfe", b"abc", b"ab"])
def test_damaged_salt_file_is_told_of(content: bytes) -> None:
    with pytest.raises(CertwrightError) as error:
        salt_from_hex(content)
    assert error.value.code is ErrorCode.WRONG_KEY_ENCRYPTION_KEY
    assert "key-encryption.salt" in error.value.remedy
