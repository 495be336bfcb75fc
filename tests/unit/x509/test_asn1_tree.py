"""Any bytes as a tree of elements, damaged ones included."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.x509.asn1_tree import Asn1Node, asn1_tree, dotted_number, read_elements

from .certificate_vectors import certificate_vectors, vector
from .pki import Authority


def walk(node: Asn1Node) -> Iterator[Asn1Node]:
    yield node
    for child in node.children:
        yield from walk(child)


def is_sound(node: Asn1Node, size: int) -> bool:
    """Whether every element lies within the one around it, and is safe to show."""
    return all(
        0 <= one.offset <= one.start <= one.end <= size
        and one.name.isprintable()
        and one.value.isprintable()
        and len(one.value) < 400
        and all(one.offset <= child.offset and child.end <= one.end for child in one.children)
        for one in walk(node)
    )


def test_certificate_as_a_tree() -> None:
    leaf = Authority.root().leaf()
    tree = asn1_tree(leaf.der)
    assert (tree.name, tree.offset, tree.end) == ("SEQUENCE", 0, len(leaf.der))
    signed, algorithm, signature = tree.children
    assert (signed.offset, signature.end) == (tree.start, len(leaf.der))
    assert algorithm.children[0].value == "1.2.840.10045.4.3.3 (ecdsa-with-SHA384)"
    assert [one.name for one in signature.children[0].children] == ["INTEGER", "INTEGER"]
    values = [one.value for one in walk(tree)]
    assert "todd.corp.example" in values
    assert "2.5.29.17 (subjectAltName)" in values
    assert "2026-11-01 00:00:00 UTC" in values
    assert not any(one.problem for one in walk(tree))


def test_octets_of_each_element_are_found_again() -> None:
    der = Authority.root().leaf().der
    for node in walk(asn1_tree(der)):
        again = asn1_tree(node.whole(der))
        assert (again.name, again.length) == (node.name, node.length)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "At offset 0: there is nothing."),
        (b"\x30", "At offset 0: it ends before its length."),
        (b"\x30\x82\x01", "At offset 0: it ends within its length."),
        (b"\x30\x05\x02\x01\x01", "At offset 0: it says it has 5 octets, and 3 are left."),
        (b"\x30\x80\x00\x00", "At offset 0: its length is left open, which DER forbids."),
        (b"\x30\x89" + bytes(9), "At offset 0: its length is absurd."),
        (b"\x1f\xff\xff\xff\xff\xff\x01\x00", "At offset 0: its tag is absurdly long."),
        (b"\x30\x04\x02\x01\x01\x02", "At offset 5: it ends before its length."),
        (b"\x30\x00\x05\x00", "At offset 2: 2 more octets follow the element."),
    ],
)
def test_damage_is_told_with_its_offset(data: bytes, problem: str) -> None:
    assert [one.problem for one in walk(asn1_tree(data)) if one.problem] == [problem]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_tree(data: bytes) -> None:
    assert is_sound(asn1_tree(data), len(data))


@given(st.data())
def test_damaged_certificates_are_a_tree(data: st.DataObject) -> None:
    octets = bytearray(data.draw(st.sampled_from(certificate_vectors())))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    assert is_sound(asn1_tree(bytes(octets)), len(octets))


def test_depth_and_number_are_bounded() -> None:
    deep = b"\x05\x00"
    for _ in range(3000):
        head = len(deep).to_bytes(3, "big")
        deep = b"\x30\x83" + head + deep
    wide = b"\x30\x83" + (200_000).to_bytes(3, "big") + b"\x05\x00" * 100_000
    strings = b"\x30\x83" + (200_000).to_bytes(3, "big") + b"\x04\x02\x05\x00" * 50_000
    for data in (deep, wide, strings):
        begun = time.process_time()
        nodes = list(walk(asn1_tree(data)))
        assert len(nodes) < 5_000
        assert sum(one.problem.endswith("than fits.") for one in nodes) >= 1
        assert time.process_time() - begun < 2


def test_elements_of_one_level() -> None:
    der = vector("cryptography.io.pem").der
    assert [one.name for one in read_elements(der)] == ["SEQUENCE", "SEQUENCE", "BIT STRING"]
    assert read_elements(b"") == read_elements(der[:-1]) == ()
    assert read_elements(b"\x30\x03\x02\x05\x00") == ()


@pytest.mark.parametrize(
    ("octets", "dotted"),
    [
        ("2b06010505070301", "1.3.6.1.5.5.7.3.1"),
        ("551d11", "2.5.29.17"),
        ("8837", "2.999"),
        ("", None),
        ("2b86", None),
    ],
)
def test_object_identifiers_are_read(octets: str, dotted: str | None) -> None:
    assert dotted_number(bytes.fromhex(octets)) == dotted
