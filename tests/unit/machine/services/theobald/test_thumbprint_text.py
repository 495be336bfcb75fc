"""Thumbprints in any file: each written as before, and no other byte touched."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from certwright.machine.services.theobald.thumbprint_text import FileText

OLD = "720e95c1a4d38b5f6e0a9b7c2d4f8a1b3c5d7e9f"
NEW = "0badcafe00112233445566778899aabbccddeeff"
FINGERPRINT = OLD + "0123456789abcdef01234567"
INVISIBLE = "\u200e"


def grouped(separator: str, digits: int) -> Callable[[str], str]:
    return lambda plain: separator.join(
        plain[place : place + digits] for place in range(0, len(plain), digits)
    )


SPACINGS: dict[str, Callable[[str], str]] = {
    "none": str,
    "spaces": grouped(" ", 2),
    "colons": grouped(":", 2),
    "hyphens": grouped("-", 2),
    "groups of four": grouped(" ", 4),
    "groups of eight": grouped(" ", 8),
    "colon and space": grouped(": ", 2),
    "spaces of no break": grouped("\u00a0", 2),
    "escaped spaces of JSON": grouped("\\u0020", 2),
    "escaped colons of XML": grouped("&#58;", 2),
    "escaped spaces of XML": grouped("&#x20;", 4),
    "invisible mark": lambda plain: INVISIBLE + plain,
    "invisible mark and spaces": lambda plain: INVISIBLE + grouped(" ", 2)(plain),
    "escaped invisible mark": lambda plain: "\\u200e" + plain,
    "escaped invisible mark of XML": lambda plain: "&#8206;" + grouped(" ", 2)(plain),
}

thumbprints = (
    st.binary(min_size=20, max_size=20)
    .map(bytes.hex)
    .filter(lambda digits: not digits.isdecimal())  # its case could not be told
)


@dataclass(frozen=True)
class Style:
    """How a thumbprint is written."""

    spacing: str
    is_upper: bool

    def write(self, thumbprint: str) -> str:
        return SPACINGS[self.spacing](thumbprint.upper() if self.is_upper else thumbprint)


styles = st.builds(Style, st.sampled_from(sorted(SPACINGS)), st.booleans())


def exchanged(content: bytes, former: str, thumbprint: str) -> bytes:
    file = FileText.read(content)
    return file.exchanged((one, thumbprint) for one in file.occurrences(former)).content


def in_bytes(pieces: Sequence[bytes], thumbprint: str, written: Sequence[Style]) -> bytes:
    """Pieces of any content with a thumbprint in quotes between them."""
    content = pieces[0]
    for piece, style in zip(pieces[1:], written, strict=True):
        content += b'"' + style.write(thumbprint).encode() + b'"' + piece
    return content


@given(data=st.data(), written=st.lists(styles, max_size=4), old=thumbprints, new=thumbprints)
def test_in_any_bytes_each_one_is_exchanged_in_its_style_and_all_else_stays(
    data: st.DataObject, written: list[Style], old: str, new: str
) -> None:
    assume(old != new)
    count = len(written) + 1
    mark = data.draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    pieces = data.draw(st.lists(st.binary(max_size=60), min_size=count, max_size=count))
    pieces[0] = mark + pieces[0]
    assume(pieces[0][:2] not in (b"\xff\xfe", b"\xfe\xff"))
    before = in_bytes(pieces, old, written)
    after = exchanged(before, old, new)
    assert after == in_bytes(pieces, new, written)
    assert exchanged(after, new, old) == before


@given(
    data=st.data(),
    written=st.lists(styles, max_size=4),
    order=st.sampled_from(["utf-16-le", "utf-16-be"]),
    half=st.sampled_from([b"", b"\x00", b"7"]),
    old=thumbprints,
    new=thumbprints,
)
def test_in_any_text_of_utf_16_too(
    data: st.DataObject, written: list[Style], order: str, half: bytes, old: str, new: str
) -> None:
    assume(old != new)
    count = len(written) + 1
    every_unit = st.text(st.characters(codec=None), max_size=30)  # lone surrogates among them
    pieces = data.draw(st.lists(every_unit, min_size=count, max_size=count))

    def content(thumbprint: str) -> bytes:
        text = pieces[0] + "".join(
            f'"{style.write(thumbprint)}"{piece}'
            for style, piece in zip(written, pieces[1:], strict=True)
        )
        return ("\ufeff" + text).encode(order, "surrogatepass") + half

    after = exchanged(content(old), old, new)
    assert after == content(new)
    assert exchanged(after, new, old) == content(old)


@given(content=st.binary(max_size=300), old=thumbprints, new=thumbprints)
def test_a_file_without_it_is_not_touched(content: bytes, old: str, new: str) -> None:
    assert exchanged(content, old, new) == content


@given(
    style=styles,
    before=st.sampled_from(["", "ab", "abcd", "00" * 5]),
    behind=st.sampled_from(["", "cd", "cdef", "00" * 12]),
    old=thumbprints,
    new=thumbprints,
)
def test_longer_digits_that_contain_it_are_not_touched(
    style: Style, before: str, behind: str, old: str, new: str
) -> None:
    assume((before or behind) and old not in (before + old)[:-1] and old not in (old + behind)[1:])
    content = f'{{"fingerprint": "{style.write(before + old + behind)}"}}'.encode()
    assert exchanged(content, old, new) == content


@pytest.mark.parametrize("spacing", sorted(SPACINGS))
def test_a_fingerprint_of_sha_256_is_no_thumbprint(spacing: str) -> None:
    file = FileText.read(SPACINGS[spacing](FINGERPRINT.upper()).encode())
    assert not file.occurrences(OLD)
    assert not file.thumbprints()


@pytest.mark.parametrize("spacing", sorted(SPACINGS))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_one_that_nobody_named_is_found(spacing: str, encoding: str) -> None:
    content = f"<add value='{SPACINGS[spacing](OLD.upper())}' />".encode(encoding)
    assert [one.thumbprint for one in FileText.read(content).thumbprints()] == [OLD]


@pytest.mark.parametrize(
    "beside",
    ["added {} in 2026", "SHA1:{};", "0x{}", "C:\\keys\\{}.pem", "{},{}", "decade {} faces"],
)
def test_words_beside_it_do_not_hide_it(beside: str) -> None:
    content = beside.replace("{}", OLD)
    assert exchanged(content.encode(), OLD, NEW).decode() == beside.replace("{}", NEW)


def test_numbers_in_a_row_and_identifiers_are_no_thumbprints() -> None:
    guid = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"
    text = f"{' '.join(['10'] * 20)} {guid} {guid} {'0' * 40} {OLD[:-1]} {OLD}f"
    assert not FileText.read(text.encode()).thumbprints()


def test_of_mixed_case_the_new_one_is_lower_and_of_digits_alone_upper() -> None:
    assert exchanged(b"72" + OLD[2:38].upper().encode() + b"9f", OLD, NEW) == NEW.encode()
    digits = "1" * 40
    assert exchanged(digits.encode(), digits, NEW) == NEW.upper().encode()


def test_a_file_of_nothing_but_digits_is_searched_in_time() -> None:
    assert not FileText.read(b"a0" * 500_000).occurrences(OLD)
    assert not FileText.read(b"a0 " * 300_000).thumbprints()
    assert not FileText.read(b"a0 " * 300_000).occurrences("a0" * 20)


def test_one_that_begins_within_a_row_of_other_groups_is_found() -> None:
    colons = SPACINGS["colons"](OLD)
    content = f"{'a0 ' * 30}{colons}"
    assert (
        exchanged(content.encode(), OLD, NEW).decode() == f"{'a0 ' * 30}{SPACINGS['colons'](NEW)}"
    )
