import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.x509.ber import BerError, Element, first_element, first_flaw, parse_ber


def outline(element: Element) -> object:
    within = tuple(outline(child) for child in element.children)
    return element.tag, within or element.octets


def test_definite_and_open_lengths_read_the_same() -> None:
    definite = parse_ber(bytes.fromhex("3006 020103 0401ff"))
    for other in ("3080 020103 0401ff 0000", "308106 020103 0401ff"):
        assert outline(parse_ber(bytes.fromhex(other))) == outline(definite)
    assert [child.tag for child in definite.children] == [2, 4]
    assert definite.children[0].number == 3
    assert definite.children[1].number is None


def test_tag_of_several_octets_is_passed_over() -> None:
    assert [child.end for child in parse_ber(bytes.fromhex("3007 5f8101 01ff 0500")).children] == [
        7,
        9,
    ]


def test_octets_in_parts_are_put_together() -> None:
    assert parse_ber(bytes.fromhex("2480 040261 62 040163 0000")).octets == b"abc"
    assert parse_ber(bytes.fromhex("0403 616263")).octets == b"abc"


@pytest.mark.parametrize(
    ("hexadecimal", "dotted"),
    [
        ("06092a864886f70d010701", "1.2.840.113549.1.7.1"),
        ("0603883703", "2.999.3"),
        ("060100", "0.0"),
        ("0600", ""),
        ("060180", ""),
        ("020101", ""),
    ],
)
def test_identifiers_are_dotted_numbers(hexadecimal: str, dotted: str) -> None:
    assert parse_ber(bytes.fromhex(hexadecimal)).identifier == dotted


def test_element_knows_where_it_lies() -> None:
    second = first_element(bytes.fromhex("3006 020103 0401ff 0000")).children[1]
    assert (second.start, second.end) == (5, 8)
    assert second.encoded == bytes.fromhex("0401ff")


@pytest.mark.parametrize(
    ("hexadecimal", "position"),
    [
        ("", 0),
        ("30", 0),
        ("3005", 0),
        ("30800201", 2),
        ("0280", 0),
        ("3f01", 0),
        ("3fffffffffffff01", 0),
        ("0285000000000100", 1),
        ("02010100", 3),
        ("3080" * 30, 50),
    ],
)
def test_what_is_not_one_element_is_refused_with_its_place(hexadecimal: str, position: int) -> None:
    with pytest.raises(BerError) as caught:
        _ = parse_ber(bytes.fromhex(hexadecimal)).children
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("hexadecimal", "position"),
    [("300101", 2), ("3003020200", 2), ("3006020103040201", 5), ("30053003020503", 4)],
)
def test_first_flaw_within_is_found(hexadecimal: str, position: int) -> None:
    flaw = first_flaw(bytes.fromhex(hexadecimal))
    assert flaw is not None
    assert flaw.position == position


def test_what_fits_has_no_flaw() -> None:
    assert first_flaw(bytes.fromhex("3006 020103 0401ff")) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    outcome = _parsed_or_refused(data)
    if isinstance(outcome, Element):
        assert outcome.encoded == data


def _parsed_or_refused(data: bytes) -> Element | BerError:
    try:
        return parse_ber(data)
    except BerError as error:
        return error
