"""Extensions of Microsoft and Netscape in words, and whatever else stands in their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.x509.details_vendors import vendor_fields

SID = "S-1-5-21-1004336348-1177238915-682003330-512"
KNOWN = (
    "1.3.6.1.4.1.311.20.2",
    "1.3.6.1.4.1.311.21.1",
    "1.3.6.1.4.1.311.21.2",
    "1.3.6.1.4.1.311.21.10",
    "1.3.6.1.4.1.311.21.11",
    "1.3.6.1.4.1.311.25.2",
    "1.3.6.1.5.5.7.1.3",
    "2.5.29.33",
    "2.5.29.56",
    "2.16.840.1.113730.1.1",
    "2.16.840.1.113730.1.13",
)


def element(tag: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([tag, len(content)]) + content


SERVER_AUTH = element(0x06, bytes.fromhex("2b06010505070301"))
ANY_POLICY = element(0x06, bytes.fromhex("551d2000"))
OBJECT_SID = element(0x06, bytes.fromhex("2b060104018237190201"))


@pytest.mark.parametrize(
    ("dotted", "value", "told"),
    [
        (
            "1.3.6.1.4.1.311.20.2",
            element(0x1E, "WebServer".encode("utf-16-be")),
            ("Template", "WebServer"),
        ),
        (
            "1.3.6.1.4.1.311.21.1",
            element(0x02, bytes.fromhex("020003")),
            ("Certificate and key of the authority", "V3.2"),
        ),
        (
            "1.3.6.1.4.1.311.21.2",
            element(0x04, bytes(range(20))),
            ("Thumbprint of its former certificate", bytes(range(20)).hex()),
        ),
        (
            "1.3.6.1.4.1.311.21.10",
            element(0x30, element(0x30, SERVER_AUTH)),
            ("Good for", "Server authentication (1.3.6.1.5.5.7.3.1)"),
        ),
        (
            "1.3.6.1.4.1.311.25.2",
            element(
                0x30,
                element(0xA0, OBJECT_SID + element(0xA0, element(0x04, SID.encode()))),
            ),
            ("Account (SID)", SID),
        ),
        (
            "2.5.29.33",
            element(0x30, element(0x30, ANY_POLICY + SERVER_AUTH)),
            ("Policies", "anyPolicy (2.5.29.32.0) is serverAuth (1.3.6.1.5.5.7.3.1)"),
        ),
        ("2.16.840.1.113730.1.1", bytes.fromhex("03020640"), ("Good for", "TLS server")),
        ("2.16.840.1.113730.1.13", element(0x16, b"Made by hand"), ("Comment", "Made by hand")),
    ],
)
def test_vendor_extension_is_told(dotted: str, value: bytes, told: tuple[str, str]) -> None:
    assert vendor_fields(dotted, value) == (told,)


@given(st.sampled_from(KNOWN), st.binary(max_size=64))
def test_any_octets_are_told_safely_or_not_at_all(dotted: str, value: bytes) -> None:
    for label, text in vendor_fields(dotted, value):
        assert label
        assert all(line.isprintable() for line in text.split("\n"))


@given(st.sampled_from(KNOWN), st.lists(st.binary(max_size=20), max_size=3), st.integers(0, 255))
def test_any_elements_are_told_safely(dotted: str, parts: list[bytes], tag: int) -> None:
    value = element(0x30, b"".join(element(tag, part) for part in parts))
    for _, text in vendor_fields(dotted, value):
        assert all(line.isprintable() for line in text.split("\n"))


def test_unknown_extension_is_left_raw() -> None:
    assert vendor_fields("1.2.3.4", element(0x0C, b"text")) == ()
