"""The work that a file asks for is counted over all its derivations, and not done beyond that."""

import hashlib
import time
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.building import build_self_signed
from certwright.x509.certificate import Certificate
from certwright.x509.derivation import Budget, derive_pbkdf2, derive_pkcs12, derive_scrypt
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name
from certwright.x509.reading import read_bundle

from .pki import AT, NAME, START

KEY = generate_private_key(KeyType.EC_P256)


def leaf() -> Certificate:
    names = [parse_server_name(NAME)]
    return build_self_signed(KEY, names, NAME, not_before=START, not_after=AT, serial=1)


def pfx(rounds: int) -> bytes:
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(rounds)
        .hmac_hash(SHA256())
        .build(b"secret")
    )
    return serialize_key_and_certificates(b"todd", KEY, leaf().cryptography, None, encryption)


def test_usual_and_cautious_files_pass() -> None:
    for rounds in (1, 2048, 600_000):
        assert read_bundle(pfx(rounds), "secret").private_key is not None


def test_rounds_of_all_derivations_count_together() -> None:
    # Certificate and key are encrypted apart, and each alone would be below the bound.
    with pytest.raises(CertwrightError) as caught:
        read_bundle(pfx(1_300_000), "secret")
    assert caught.value.code == ErrorCode.TOO_LARGE


@pytest.mark.parametrize("rounds", [0, -1, -(2**31)])
def test_rounds_below_one_are_no_rounds(rounds: int) -> None:
    with pytest.raises(ValueError, match="one round"):
        Budget().spend(rounds)


def test_budget_goes_to_its_last_round() -> None:
    budget = Budget(10)
    budget.spend(4)
    budget.spend(6)
    with pytest.raises(CertwrightError):
        budget.spend(1)


@pytest.mark.parametrize(
    "derive",
    [
        lambda: derive_pbkdf2(Budget(), b"p", b"salt", 2**31, 32, hashlib.sha256),
        lambda: derive_pkcs12(Budget(), b"p", b"salt", 2**31, 20, hashlib.sha1, 1),
        lambda: derive_scrypt(Budget(), b"p", b"salt", 2**20, 8, 1, 32),
        lambda: derive_scrypt(Budget(), b"p", b"salt", 2, 2**18, 1, 32),
        lambda: derive_scrypt(Budget(), b"p", b"salt", 2, 1, 2**20, 32),
    ],
    ids=["pbkdf2", "pkcs12", "scrypt-time", "scrypt-memory", "scrypt-parallel"],
)
def test_absurd_work_is_refused_at_once(derive: Callable[[], bytes]) -> None:
    started = time.process_time()
    with pytest.raises(CertwrightError) as caught:
        derive()
    assert caught.value.code == ErrorCode.TOO_LARGE
    assert time.process_time() - started < 0.5


def test_scrypt_gives_what_its_standard_says() -> None:
    # RFC 7914 12, the second vector
    derived = derive_scrypt(Budget(), b"password", b"NaCl", 1024, 8, 16, 64)
    assert derived.hex().startswith("fdbabe1c9d3472007856e7190d01e9fe")


def test_derivation_of_pkcs12_for_a_known_file() -> None:
    # The key, then the initial value, that OpenSSL 3 derives for the same words (PKCS12KDF).
    password, salt = "smeg".encode("utf-16-be") + b"\0\0", bytes.fromhex("0a58cf64530d823f")
    key = derive_pkcs12(Budget(), password, salt, 1, 24, hashlib.sha1, 1)
    assert key.hex() == "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3"
    initial = derive_pkcs12(Budget(), password, salt, 1, 8, hashlib.sha1, 2)
    assert initial.hex() == "79993dfe048d3b76"
