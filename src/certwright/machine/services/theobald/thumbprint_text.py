"""Thumbprints as they stand in files of others: found, and exchanged with every other byte kept.

A thumbprint may stand there in either case, in groups of one or more bytes with spaces, colons or
hyphens between them, escaped as in JSON or XML, and with the invisible mark in front of it that
Windows' certificate window gives away when it is copied from there.
"""

import re
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

_BYTES = 20
"""Of a SHA-1."""

_WIDE_ENCODINGS = {b"\xff\xfe": "little", b"\xfe\xff": "big"}
"""Byte order marks of UTF-16. Everything else is read byte by byte, be it UTF-8 or ANSI."""

_HEX = "[0-9a-f]"
_SEPARATOR = re.compile(
    r"[ \t:\-\xa0\u200e\u200f]"
    r"|\xc2\xa0|\xe2\x80[\x8e\x8f]"  # the last three in UTF-8, seen byte by byte
    r"|\\u(?:0020|0009|003a|002d|00a0|200[ef])"
    r"|&\#(?:32|9|58|45|160|820[67]|x(?:0*20|0*9|0*3a|0*2d|0*a0|200[ef]));",
    re.IGNORECASE | re.ASCII,
)
_BETWEEN = f"(?:{_SEPARATOR.pattern}){{0,2}}"
_GAP = re.compile(f"(?:{_SEPARATOR.pattern}){{1,2}}", re.IGNORECASE | re.ASCII)
_BEFORE = rf"(?:(?<!{_HEX})(?<!\\u)|(?<=\\u{_HEX}{{4}}))"
_WORD = re.compile(r"[0-9a-z]+", re.IGNORECASE | re.ASCII)
_EVEN_HEX = re.compile(f"(?:{_HEX}{{2}})+", re.IGNORECASE | re.ASCII)
_LONGEST_NEIGHBOUR = 64
"""Characters beside an occurrence that are looked at."""


def _pattern(pairs: Iterable[str]) -> re.Pattern[str]:
    """Looks ahead, so that a search may go on from within what it found."""
    digits = _BETWEEN.join(pairs)
    return re.compile(f"{_BEFORE}(?=({digits})(?!{_HEX}))", re.IGNORECASE | re.ASCII)


_ANY = _pattern([f"{_HEX}{{2}}"] * _BYTES)


@dataclass(frozen=True)
class Occurrence:
    """A thumbprint (lower-case hex) that stands from `start` to before `end` of a text."""

    start: int
    end: int
    thumbprint: str


@dataclass(frozen=True)
class FileText:
    """A file's content with one character for each unit of its encoding, so nothing is lost.

    `order` is that of UTF-16, "" for encodings of bytes; `mark` stands before the text and
    `rest` is half a unit behind it.
    """

    text: str
    order: str = ""
    mark: bytes = b""
    rest: bytes = b""

    @classmethod
    def read(cls, content: bytes) -> "FileText":
        """Any content at all."""
        order = _WIDE_ENCODINGS.get(content[:2])
        if order is None:
            return cls(content.decode("latin-1"))
        half = len(content) % 2
        body = content[2 : len(content) - half]
        units = array("H", body)
        if order != sys.byteorder:
            units.byteswap()
        return cls("".join(map(chr, units)), order, content[:2], content[len(content) - half :])

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        if not self.order:
            return self.text.encode("latin-1")
        units = array("H", map(ord, self.text))
        if self.order != sys.byteorder:
            units.byteswap()
        return self.mark + units.tobytes() + self.rest

    def thumbprints(self) -> tuple[Occurrence, ...]:
        """Whatever looks like a thumbprint: written evenly, and with a letter in it."""
        return tuple(
            one
            for one in _occurrences(self.text, _ANY)
            if not one.thumbprint.isdecimal()
            and len(set(_GAP.findall(self.text, one.start, one.end))) <= 1
        )

    def occurrences(self, thumbprint: str) -> tuple[Occurrence, ...]:
        """Where this one (lower-case hex) stands, however it is written."""
        pairs = [thumbprint[place : place + 2] for place in range(0, len(thumbprint), 2)]
        return tuple(_occurrences(self.text, _pattern(pairs)))

    def exchanged(self, exchanges: Iterable[tuple[Occurrence, str]]) -> "FileText":
        """With other thumbprints (lower-case hex) there, written as the former ones were."""
        parts, position = [], 0
        for one, thumbprint in sorted(exchanges, key=lambda each: each[0].start):
            written = _written_like(self.text[one.start : one.end], thumbprint)
            parts += [self.text[position : one.start], written]
            position = one.end
        return replace(self, text="".join([*parts, self.text[position:]]))


def _occurrences(text: str, pattern: re.Pattern[str]) -> Iterator[Occurrence]:
    position = 0
    while found := pattern.search(text, position):
        start, end = found.span(1)
        gaps = list(_GAP.finditer(text, start, end))
        if _is_whole(text, start, end, gaps):
            yield Occurrence(start, end, _SEPARATOR.sub("", found[1]).lower())
            position = end
        elif len({gap[0] for gap in gaps}) == 1:  # none begins earlier in so even a row
            position = gaps[-1].end()
        else:
            position = start + 1


def _is_whole(text: str, start: int, end: int, gaps: Sequence[re.Match[str]]) -> bool:
    """False where the same groups go on before or behind it, as in a fingerprint of SHA-256."""
    if not gaps:
        return True
    first, last = gaps[0], gaps[-1]
    before = text[max(0, start - _LONGEST_NEIGHBOUR) : start]
    behind = text[end : end + _LONGEST_NEIGHBOUR]
    goes_on_before = before.endswith(first[0]) and _group_at_end(first.start() - start).search(
        before, 0, len(before) - len(first[0])
    )
    word = _WORD.match(behind, len(last[0])) if behind.startswith(last[0]) else None
    goes_on_behind = word and len(word[0]) <= end - last.end() and _EVEN_HEX.fullmatch(word[0])
    return not goes_on_before and not goes_on_behind


def _group_at_end(digits: int) -> re.Pattern[str]:
    begin = rf"(?:(?<![0-9a-z])|(?<=\\u{_HEX}{{4}}))"
    return re.compile(rf"{begin}{_HEX}{{{digits}}}\Z", re.IGNORECASE | re.ASCII)


def _written_like(former: str, thumbprint: str) -> str:
    """`thumbprint` in the case and the spacing of `former`; upper case, as Windows, if unclear."""
    separators = [each.span() for each in _SEPARATOR.finditer(former)]
    digits = _SEPARATOR.sub("", former)
    cased = thumbprint.upper() if digits == digits.upper() else thumbprint.lower()
    written, position, next_digit = "", 0, iter(cased)
    for start, end in [*separators, (len(former), len(former))]:
        written += "".join(next(next_digit) for _ in range(start - position))
        written += former[start:end]
        position = end
    return written
