import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import RC2
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st

from certwright.x509.rc2 import decrypt_rc2

# RFC 2268 5: key, effective bits, plaintext, ciphertext
STANDARD = [
    ("0000000000000000", 63, "0000000000000000", "ebb773f993278eff"),
    ("ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49"),
    ("3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2"),
    ("88", 64, "0000000000000000", "61a8a244adacccf0"),
    ("88bca90e90875a", 64, "0000000000000000", "6ccf4308974c267f"),
    ("88bca90e90875a7f0f79c384627bafb2", 64, "0000000000000000", "1a807d272bbe5db1"),
    ("88bca90e90875a7f0f79c384627bafb2", 128, "0000000000000000", "2269552ab0f85ca6"),
]


@pytest.mark.parametrize(("key", "bits", "plain", "encrypted"), STANDARD)
def test_vectors_of_the_standard(key: str, bits: int, plain: str, encrypted: str) -> None:
    decrypted = decrypt_rc2(bytes.fromhex(key), bits, bytes(8), bytes.fromhex(encrypted))
    assert decrypted.hex() == plain


@given(
    key=st.binary(min_size=16, max_size=16),
    initial=st.binary(min_size=8, max_size=8),
    blocks=st.lists(st.binary(min_size=8, max_size=8), max_size=5),
)
def test_same_as_the_library_where_that_can(
    key: bytes, initial: bytes, blocks: list[bytes]
) -> None:
    plain = b"".join(blocks)
    encryptor = Cipher(RC2(key), CBC(initial)).encryptor()
    encrypted = encryptor.update(plain) + encryptor.finalize()
    assert decrypt_rc2(key, 128, initial, encrypted) == plain


@pytest.mark.parametrize(("initial", "encrypted"), [(b"", bytes(8)), (bytes(8), bytes(7))])
def test_what_is_no_whole_blocks_is_refused(initial: bytes, encrypted: bytes) -> None:
    with pytest.raises(ValueError, match="blocks"):
        decrypt_rc2(b"12345", 40, initial, encrypted)
