from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from certwright.x509.pem import pem_blocks, read_pem_certificates

FILES = Path(__file__).parents[2] / "vectors" / "files"
LEAF = (FILES / "certificates-only.pem").read_bytes()


def test_odd_certificates_in_a_list_do_not_hide_the_others() -> None:
    damaged = (FILES / "damaged.pem").read_bytes()
    inside = (FILES / "not-a-certificate-inside.pem").read_bytes()
    found = read_pem_certificates(damaged + inside + LEAF)
    assert found == read_pem_certificates(LEAF)
    assert len(found) == 2


def test_block_that_never_ends_does_not_swallow_the_next() -> None:
    data = b"-----BEGIN CERTIFICATE-----\nAAAA\n" + LEAF
    assert read_pem_certificates(data) == read_pem_certificates(LEAF)


def test_indented_blocks_are_found() -> None:
    indented = b"\n".join(b"    " + line for line in LEAF.splitlines())
    assert read_pem_certificates(indented) == read_pem_certificates(LEAF)


@given(
    st.lists(
        st.sampled_from(
            [
                b"-----BEGIN A-----",
                b"-----END A-----",
                b"-----BEGIN B-----",
                b"-----END B-----",
                b"AAAA",
            ]
        )
    )
)
def test_any_order_of_lines(lines: list[bytes]) -> None:
    for block in pem_blocks(b"\n".join(lines)):
        assert block.label in "AB"
        assert b"BEGIN" not in block.body
