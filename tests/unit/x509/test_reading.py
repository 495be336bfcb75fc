"""Files of every kind, and what is read out of them: tests/vectors/files.toml."""

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.keys import key_fingerprint
from certwright.x509.reading import Bundle, read_bundle

from ...faults.bombs import certificate

VECTORS = Path(__file__).parents[2] / "vectors"
FILES = {file.name: file.read_bytes() for file in (VECTORS / "files").iterdir()}
CASES: list[dict[str, Any]] = tomllib.loads((VECTORS / "files.toml").read_text("utf-8"))["case"]
LARGEST = 1024 * 1024
KEY = ec.generate_private_key(ec.SECP256R1())


def test_certificate_larger_than_tls_clients_take_is_refused() -> None:
    assert len(read_bundle(certificate(4_000, KEY, 1), None).leaf.names) == 4_000
    with pytest.raises(CertwrightError) as caught:
        read_bundle(certificate(8_000, KEY, 1), None)
    assert caught.value.code == ErrorCode.TOO_LARGE


def title(case: dict[str, Any]) -> str:
    return f"{case['file']} with {case.get('password')!r}"


@pytest.mark.parametrize("case", [c for c in CASES if "error" not in c], ids=title)
def test_bundle_holds_what_the_file_does(case: dict[str, Any]) -> None:
    bundle = read_bundle(FILES[case["file"]], case.get("password"))
    assert len(bundle.certificates) == case["certificates"]
    if "private_keys" in case:
        assert len(bundle.private_keys) == case["private_keys"]
    if "format" in case:
        assert bundle.format == case["format"]
    assert sorted(bundle.friendly_names.values()) == case.get("friendly_names", [])
    if not bundle.certificates:
        with pytest.raises(CertwrightError, match="a private key but no certificate"):
            _ = bundle.leaf
        return
    assert len(bundle.others) == case["certificates"] - 1
    assert bundle.leaf not in bundle.others
    assert bundle.leaf.key_description == case["key"]
    assert (bundle.private_key is not None) == case["has_private_key"]
    if bundle.private_key is not None:
        public = bundle.private_key.public_key()
        assert key_fingerprint(public) == bundle.leaf.key_fingerprint


@pytest.mark.parametrize("case", [c for c in CASES if "error" in c], ids=title)
def test_error_says_what_is_wrong_and_never_the_password(case: dict[str, Any]) -> None:
    started = time.process_time()
    with pytest.raises(CertwrightError) as caught:
        read_bundle(FILES[case["file"]], case.get("password"))
    assert caught.value.code == case["error"]
    assert case["words"] in caught.value.message
    assert caught.value.remedy
    if case.get("password"):
        assert case["password"] not in caught.value.message + caught.value.remedy
    assert time.process_time() - started < 5


def test_every_file_is_used() -> None:
    assert {case["file"] for case in CASES} == set(FILES)


@pytest.mark.parametrize("name", ["aes-with-chain.pfx", "encrypted-pkcs8.pem"])
@pytest.mark.parametrize("password", ["\0", "correct horse\0", "\ud800", "x" * 100_000])
def test_password_that_nobody_has_is_wrong(name: str, password: str) -> None:
    with pytest.raises(CertwrightError) as caught:
        read_bundle(FILES[name], password)
    assert caught.value.code == ErrorCode.WRONG_PASSWORD


def test_file_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(CertwrightError) as caught:
        read_bundle(b"-" * (LARGEST + 1), None)
    assert caught.value.code == ErrorCode.TOO_LARGE


def test_too_many_certificates_are_refused() -> None:
    with pytest.raises(CertwrightError) as caught:
        read_bundle(FILES["leaf-key-chain.pem"].split(b"-----BEGIN PRIVATE")[0] * 501, None)
    assert caught.value.code == ErrorCode.TOO_LARGE


@pytest.mark.parametrize(
    "data",
    [
        b"-----BEGIN CERTIFICATE-----\n" * 37_000,
        b"-----BEGIN CERTIFICATE-----\n" + b"-----END PRIVATE KEY-----\n" * 40_000,
        b"\x30\x80" * (LARGEST // 2),
        b"\x30\x84\x00\x0f\xff\xfa" + b"\x05\x00" * ((LARGEST - 6) // 2),
        b"\x30\x84\x00\x0f\xff\xfa\x04\x84\x00\x0f\xff\xf4" + b"\x30\x80" * (LARGEST // 2 - 6),
    ],
    ids=["begins", "ends", "deep", "many", "inner"],
)
def test_largest_files_made_to_hurt_are_refused_at_once(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(CertwrightError):
        read_bundle(data, None)
    assert time.process_time() - started < 5


@given(data=st.binary(max_size=400), password=st.none() | st.text(max_size=20))
def test_any_bytes_are_read_or_refused(data: bytes, password: str | None) -> None:
    _read_or_refuse(data, password)


@given(
    name=st.sampled_from(sorted(name for name, data in FILES.items() if data)),
    position=st.integers(min_value=0),
    replacement=st.binary(max_size=6),
    length=st.integers(min_value=0, max_value=6),
    password=st.none() | st.just("correct horse") | st.text(max_size=5),
)
def test_any_damage_to_a_file_is_read_or_refused(
    name: str, position: int, replacement: bytes, length: int, password: str | None
) -> None:
    data = FILES[name]
    start = position % len(data)
    _read_or_refuse(data[:start] + replacement + data[start + length :], password)


def _read_or_refuse(data: bytes, password: str | None) -> None:
    outcome = _read_or_refused(data, password)
    if isinstance(outcome, CertwrightError):
        assert outcome.message.endswith(".")
        assert outcome.remedy.endswith(".")
    else:
        if not outcome.certificates:
            assert outcome.private_keys
            return
        assert outcome.leaf in outcome.certificates
        assert outcome.leaf.subject.isprintable()
        assert all(name.isprintable() for name in outcome.leaf.names)


def _read_or_refused(data: bytes, password: str | None) -> Bundle | CertwrightError:
    try:
        return read_bundle(data, password)
    except CertwrightError as error:
        return error
