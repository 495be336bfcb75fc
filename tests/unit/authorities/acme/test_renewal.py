"""Renewal information (RFC 9773)."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st

from certwright.authorities.acme.documents import NotUnderstood
from certwright.authorities.acme.renewal import certificate_identifier, read_renewal_window
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, generate_private_key

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
WINDOW = {"start": "2026-12-01T04:00:00Z", "end": "2026-12-03T04:00:00+00:00"}


def certificate(key_identifier: bytes | None, serial: int) -> Certificate:
    key = generate_private_key(KeyType.EC_P256)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "todd.corp.example")])
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), serial, NOW, NOW + timedelta(days=90)
    )
    if key_identifier is not None:
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier(key_identifier, None, None), critical=False
        )
    return Certificate.from_cryptography(builder.sign(key, hashes.SHA256()))


def test_the_identifier_is_that_of_the_rfc() -> None:
    # RFC 9773 4.1: the example's key identifier and serial number.
    key_identifier = bytes.fromhex("69885B6B87464041E1B37B847BA0AE2CDE01C8D4")
    made = certificate(key_identifier, 0x87654321)
    assert certificate_identifier(made) == "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"


@pytest.mark.parametrize(("serial", "encoded"), [(1, "AQ"), (0x7F, "fw"), (0x80, "AIA")])
def test_a_serial_number_is_encoded_as_a_der_integer(serial: int, encoded: str) -> None:
    assert certificate_identifier(certificate(b"\x01", serial)) == f"AQ.{encoded}"


def test_a_certificate_without_its_issuers_key_identifier_has_none() -> None:
    assert certificate_identifier(certificate(None, 1)) is None


def test_the_window_and_its_page_are_read() -> None:
    document = {"suggestedWindow": WINDOW, "explanationURL": "https://ca.example/why"}
    read = read_renewal_window(document, "21600", NOW)
    assert read.start == datetime(2026, 12, 1, 4, tzinfo=UTC)
    assert read.end == datetime(2026, 12, 3, 4, tzinfo=UTC)
    assert read.look_again_at == NOW + timedelta(hours=6)
    assert read.explanation == "https://ca.example/why"


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [
        ("1", timedelta(minutes=1)),
        ("99999999", timedelta(days=1)),
        (None, timedelta(hours=6)),
        ("Wed, 25 Nov 2026 14:00:00 GMT", timedelta(hours=2)),
    ],
)
def test_the_next_look_is_a_minute_to_a_day_away(
    retry_after: str | None, expected: timedelta
) -> None:
    read = read_renewal_window({"suggestedWindow": WINDOW}, retry_after, NOW)
    assert read.look_again_at == NOW + expected


@pytest.mark.parametrize(
    "window",
    [
        None,
        [],
        {},
        {"start": WINDOW["start"]},
        {"start": WINDOW["end"], "end": WINDOW["start"]},
        {"start": WINDOW["start"], "end": WINDOW["start"]},
        {"start": "2026-12-01T04:00:00", "end": "2026-12-03T04:00:00"},
        {"start": "2026-12-01", "end": "2026-12-03"},
        {"start": "2026-13-01T04:00:00Z", "end": WINDOW["end"]},
        {"start": 1, "end": 2},
        {"start": "0001-01-01T00:00:00+23:59", "end": WINDOW["end"]},
        {"start": "1999-12-31T23:59:59Z", "end": WINDOW["end"]},
        {"start": WINDOW["start"], "end": "9999-12-31T23:59:59-12:00"},
        {"start": WINDOW["start"], "end": "9999-12-31T23:59:59Z"},
    ],
)
def test_a_window_that_is_none_counts_as_no_answer(window: object) -> None:
    with pytest.raises(NotUnderstood):
        read_renewal_window({"suggestedWindow": window}, None, NOW)


@pytest.mark.parametrize("page", ["javascript:alert(1)", "https://a b", 5, "https://\n"])
def test_a_page_that_is_no_address_is_left_out(page: object) -> None:
    document = {"suggestedWindow": WINDOW, "explanationURL": page}
    assert read_renewal_window(document, None, NOW).explanation == ""


@given(st.text(max_size=45), st.text(max_size=45))
def test_any_texts_are_a_window_or_none(start: str, end: str) -> None:
    try:
        read = read_renewal_window({"suggestedWindow": {"start": start, "end": end}}, None, NOW)
    except NotUnderstood:
        return
    assert read.start < read.end
