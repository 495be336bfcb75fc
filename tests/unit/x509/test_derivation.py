"""The work that a file asks for is counted over all its derivations."""

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.building import build_self_signed
from certwright.x509.certificate import Certificate
from certwright.x509.derivation import refuse_costly_derivation
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
    refuse_costly_derivation(pfx(1_900_000))
    with pytest.raises(CertwrightError) as caught:
        refuse_costly_derivation(pfx(2_100_000))
    assert caught.value.code == ErrorCode.TOO_LARGE


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"\x30\x80", b"PK\x03\x04"])
def test_what_is_no_such_file_passes(data: bytes) -> None:
    refuse_costly_derivation(data)
