"""A look at the outline of DER and BER (X.690), enough to see what kind of file it is.

Python only, for what the cryptographic library does not tell before it starts to work. BER too:
some programs still write PFX files with lengths that are not told in advance.
"""

from collections.abc import Iterator
from dataclasses import dataclass

INTEGER, OCTET_STRING, OBJECT_IDENTIFIER, SEQUENCE = 0x02, 0x04, 0x06, 0x30
_CONSTRUCTED = 0x20
_CONSTRUCTED_OCTET_STRING = OCTET_STRING | _CONSTRUCTED
_DEEPEST = 24
_MOST_ELEMENTS = 200_000


class BerError(Exception):
    """The bytes are not one complete BER element (or too many, or too deep)."""


@dataclass(frozen=True)
class Element:
    """One element: its tag octet, its own bytes if it has any, else those within."""

    tag: int
    content: bytes
    children: "tuple[Element, ...]"

    @property
    def number(self) -> int | None:
        """The value of an INTEGER, None for all else."""
        if self.tag != INTEGER or not self.content:
            return None
        return int.from_bytes(self.content, "big", signed=True)

    @property
    def octets(self) -> bytes:
        """The value of an OCTET STRING, put together if it comes in parts."""
        if self.tag == _CONSTRUCTED_OCTET_STRING:
            return b"".join(child.octets for child in self.children)
        return self.content

    def walk(self) -> "Iterator[Element]":
        """This element and all within, also within OCTET STRINGs that hold elements."""
        waiting = [(self, 0)]
        while waiting:
            element, depth = waiting.pop()
            yield element
            children = element.children
            if element.tag in (OCTET_STRING, _CONSTRUCTED_OCTET_STRING) and depth < _DEEPEST:
                children = _within(element.octets)
            waiting.extend((child, depth + 1) for child in children)


def parse_ber(data: bytes) -> Element:
    """The one element that `data` is; raises `BerError` for anything else."""
    reader = _Reader(data)
    element = reader.element(0)
    if reader.position != len(data):
        raise BerError("something follows the element")
    return element


def _within(octets: bytes) -> tuple[Element, ...]:
    if octets[:1] != bytes([SEQUENCE]):
        return ()
    try:
        return (parse_ber(octets),)
    except BerError:
        return ()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._elements = 0
        self.position = 0

    def element(self, depth: int) -> Element:
        self._elements += 1
        if depth > _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise BerError("too deep, or too many elements")
        tag = self._octet()
        if tag & 0x1F == 0x1F:
            raise BerError("a tag of more than one octet")  # none in the files looked at
        length = self._length()
        if length is None:
            return self._of_unknown_length(tag, depth)
        end = self.position + length
        if end > len(self._data):
            raise BerError("it ends too early")
        if not tag & _CONSTRUCTED:
            content = self._data[self.position : end]
            self.position = end
            return Element(tag, content, ())
        children = []
        while self.position < end:
            children.append(self.element(depth + 1))
        if self.position != end:
            raise BerError("an element is longer than the one around it")
        return Element(tag, b"", tuple(children))

    def _of_unknown_length(self, tag: int, depth: int) -> Element:
        if not tag & _CONSTRUCTED:
            raise BerError("only constructed elements may leave their length open")
        children = []
        while self._data[self.position : self.position + 2] != b"\0\0":
            children.append(self.element(depth + 1))
        self.position += 2
        return Element(tag, b"", tuple(children))

    def _octet(self) -> int:
        if self.position >= len(self._data):
            raise BerError("it ends too early")
        self.position += 1
        return self._data[self.position - 1]

    def _length(self) -> int | None:
        first = self._octet()
        if first < 0x80:
            return first
        if first == 0x80:
            return None
        octets = first & 0x7F
        if octets > 4:
            raise BerError("an absurd length")
        return int.from_bytes(bytes(self._octet() for _ in range(octets)), "big")
