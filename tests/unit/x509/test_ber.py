import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.x509.ber import BerError, Element, parse_ber


def test_definite_and_open_lengths_read_the_same() -> None:
    definite = parse_ber(bytes.fromhex("3006 020103 0401ff"))
    assert parse_ber(bytes.fromhex("3080 020103 0401ff 0000")) == definite
    assert parse_ber(bytes.fromhex("308106 020103 0401ff")) == definite
    assert [child.tag for child in definite.children] == [2, 4]
    assert definite.children[0].number == 3
    assert definite.children[1].number is None


def test_octets_in_parts_are_put_together() -> None:
    assert parse_ber(bytes.fromhex("2480 040261 62 040163 0000")).octets == b"abc"
    assert parse_ber(bytes.fromhex("0403 616263")).octets == b"abc"


def test_walk_looks_into_octets_that_hold_elements() -> None:
    inner = bytes.fromhex("3003 02012a")
    whole = parse_ber(b"\x30\x07\x04\x05" + inner)
    assert [element.number for element in whole.walk() if element.tag == 2] == [42]


@pytest.mark.parametrize(
    "hexadecimal",
    [
        "",
        "30",
        "3005",
        "300101",
        "3003020200",
        "30800201",
        "0280",
        "3f01",
        "0285000000000100",
        "02010100",
    ],
)
def test_what_is_not_one_element_is_refused(hexadecimal: str) -> None:
    with pytest.raises(BerError):
        parse_ber(bytes.fromhex(hexadecimal))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    outcome = _parsed_or_refused(data)
    if isinstance(outcome, Element):
        assert len(list(outcome.walk())) >= 1


def _parsed_or_refused(data: bytes) -> Element | BerError:
    try:
        return parse_ber(data)
    except BerError as error:
        return error
