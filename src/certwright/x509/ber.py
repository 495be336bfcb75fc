"""A look at the outline of DER and BER (X.690): what lies where in a file.

For what the cryptographic library does not tell before it starts to work, or does not read at
all. BER too: some programs still write PFX and p7b files with lengths not told in advance.
Elements are looked into only when asked, so a large file costs no more than what is read of it.
"""

from collections.abc import Iterator
from functools import cached_property

INTEGER, OCTET_STRING, OBJECT_IDENTIFIER = 0x02, 0x04, 0x06
UTF8_STRING, BMP_STRING = 0x0C, 0x1E
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
SEQUENCE, CONTEXT_0 = 0x30, 0xA0
_CONSTRUCTED = 0x20
_DEEPEST = 24
_MOST_ELEMENTS = 20_000
"""Side by side, or within one whose length is not told; a file of 1 MiB in parts has a thousand."""
_MOST_LOOKED_AT = 100_000
_LONGEST_IDENTIFIER = 64
_END = b"\0\0"


class BerError(Exception):
    """The bytes are not one complete BER element (or too many, or too deep).

    `position` is the offset of the octet where that shows, from the start of the data.
    """

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


class Element:
    """One element: its tag octet, where it lies, its own bytes if it has any, else those within.

    Reading what lies within raises `BerError` where that is no BER.
    """

    def __init__(self, data: bytes, start: int, inner: int, inner_end: int, end: int) -> None:
        self._data = data
        self.start = start
        """Offset of its tag octet."""
        self._inner = inner
        self._inner_end = inner_end
        self.end = end
        """Offset of the first octet after it."""

    @property
    def tag(self) -> int:
        """The tag octet."""
        return self._data[self.start]

    @property
    def is_constructed(self) -> bool:
        """Whether elements lie within, instead of bytes of its own."""
        return bool(self.tag & _CONSTRUCTED)

    @property
    def encoded(self) -> bytes:
        """The element as it stands in the data, tag and length included."""
        return self._data[self.start : self.end]

    @property
    def content(self) -> bytes:
        """What stands after the length, be it bytes or elements."""
        return self._data[self._inner : self._inner_end]

    @cached_property
    def children(self) -> "tuple[Element, ...]":
        """The elements within; none for one with bytes of its own."""
        if not self.is_constructed:
            return ()
        found: list[Element] = []
        position = self._inner
        while position < self._inner_end:
            if len(found) == _MOST_ELEMENTS:
                raise BerError("there are too many elements", position)
            found.append(_element(self._data, position, self._inner_end))
            position = found[-1].end
        return tuple(found)

    @property
    def number(self) -> int | None:
        """The value of an INTEGER, None for all else."""
        if self.tag != INTEGER or self._inner == self._inner_end:
            return None
        return int.from_bytes(self.content, "big", signed=True)

    @property
    def octets(self) -> bytes:
        """The value of an OCTET STRING, put together if it comes in parts (X.690 8.7.3)."""
        if not self.is_constructed:
            return self.content
        return b"".join(_parts(self, 0))

    @property
    def identifier(self) -> str:
        """The dotted numbers of an OBJECT IDENTIFIER, "" for all else."""
        content = self.content
        if self.tag != OBJECT_IDENTIFIER or not 0 < len(content) <= _LONGEST_IDENTIFIER:
            return ""
        arcs, arc = list[int](), 0
        for octet in content:
            arc = arc << 7 | octet & 0x7F
            if not octet & 0x80:
                arcs.append(arc)
                arc = 0
        if not arcs:
            return ""
        # X.690 8.19.4: the first two arcs share one subidentifier, 40 * X + Y.
        top = min(arcs[0] // 40, 2)
        return ".".join(map(str, (top, arcs[0] - 40 * top, *arcs[1:])))


def parse_ber(data: bytes) -> Element:
    """The one element that `data` is; raises `BerError` for anything else."""
    element = first_element(data)
    if element.end != len(data):
        raise BerError("something follows the element", element.end)
    return element


def first_element(data: bytes) -> Element:
    """The element that `data` begins with, whatever follows; raises `BerError`."""
    return _element(data, 0, len(data))


def first_flaw(data: bytes) -> BerError | None:
    """Where the elements that `data` is made of stop to fit into each other; None if they do."""
    waiting = [(0, len(data), 0)]
    seen = 0
    while waiting:
        position, end, depth = waiting.pop()
        while position < end:
            seen += 1
            if seen > _MOST_LOOKED_AT:
                return None
            try:
                element = _element(data, position, end)
            except BerError as flaw:
                return flaw
            position = element.end
            if element.is_constructed and depth < _DEEPEST:
                waiting += [(position, end, depth)]
                position, end, depth = element._inner, element._inner_end, depth + 1
    return None


def _parts(element: Element, depth: int) -> Iterator[bytes]:
    if depth > _DEEPEST:
        raise BerError("elements lie too deep", element.start)
    for child in element.children:
        if child.is_constructed:
            yield from _parts(child, depth + 1)
        else:
            yield child.content


def _element(data: bytes, start: int, end: int) -> Element:
    inner, length = _header(data, start, end)
    if length is None:
        inner_end = _end_of_open(data, start, end)
        return Element(data, start, inner, inner_end, inner_end + len(_END))
    if inner + length > end:
        raise BerError("an element is longer than what is around it", start)
    return Element(data, start, inner, inner + length, inner + length)


def _end_of_open(data: bytes, start: int, end: int) -> int:
    """The offset of the end mark of an element whose length is not told."""
    position, open_elements, seen = start, 0, 0
    while True:
        seen += 1
        if seen > _MOST_ELEMENTS or open_elements > _DEEPEST:
            raise BerError("elements lie too deep, or too many", position)
        if open_elements and data[position : position + 2] == _END:
            open_elements -= 1
            if not open_elements:
                return position
            position += len(_END)
            continue
        inner, length = _header(data, position, end)
        if length is not None:
            if inner + length > end:
                raise BerError("an element is longer than what is around it", position)
            position = inner + length
        elif data[position] & _CONSTRUCTED:
            open_elements += 1
            position = inner
        else:
            raise BerError("an element without elements leaves its length open", position)


def _header(data: bytes, start: int, end: int) -> tuple[int, int | None]:
    """The offset after tag and length, and that length."""
    if start + 2 > end:
        raise BerError("it ends too early", min(start, end))
    position = start + 1
    if data[start] & 0x1F == 0x1F:
        position = _after_long_tag(data, start, end)
    first = data[position]
    position += 1
    if first < 0x80:
        return position, first
    if first == 0x80:
        return position, None
    octets = first & 0x7F
    if octets > 4:
        raise BerError("an absurd length stands", position - 1)
    inner = position + octets
    if inner > end:
        raise BerError("it ends too early", end)
    return inner, int.from_bytes(data[position:inner], "big")


def _after_long_tag(data: bytes, start: int, end: int) -> int:
    """The offset after a tag of several octets (X.690 8.1.2.4)."""
    for position in range(start + 1, min(start + 6, end - 1)):
        if not data[position] & 0x80:
            return position + 1
    raise BerError("an absurd tag stands", start)
