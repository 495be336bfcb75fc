"""Any bytes as a tree of ASN.1 elements (X.690), for somebody who wants to look at them.

Nothing is refused here: what does not parse is a node that says at which offset and why.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from certwright.x509.object_identifiers import object_identifier_name
from certwright.x509.text import printable

_DEEPEST = 32
_MOST_NODES = 2_000
_MOST_ELEMENTS = 10_000
_MOST_CHARACTERS = 100
_MOST_OCTETS = 32
_CONSTRUCTED = 0x20
_CONTEXT_SPECIFIC = 2
_HIGH_TAG_NUMBER = 0x1F
_LONGEST_TAG = 5
_OPEN_LENGTH = 0x80
_LARGEST_LENGTH_OCTETS = 4

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING = 0x01, 0x02, 0x03, 0x04
NULL, OBJECT_IDENTIFIER, ENUMERATED, SEQUENCE = 0x05, 0x06, 0x0A, 0x30
_UNIVERSAL = {
    0x01: "BOOLEAN",
    0x02: "INTEGER",
    0x03: "BIT STRING",
    0x04: "OCTET STRING",
    0x05: "NULL",
    0x06: "OBJECT IDENTIFIER",
    0x09: "REAL",
    0x0A: "ENUMERATED",
    0x0C: "UTF8String",
    0x0D: "RELATIVE-OID",
    0x10: "SEQUENCE",
    0x11: "SET",
    0x12: "NumericString",
    0x13: "PrintableString",
    0x14: "TeletexString",
    0x16: "IA5String",
    0x17: "UTCTime",
    0x18: "GeneralizedTime",
    0x19: "GraphicString",
    0x1A: "VisibleString",
    0x1B: "GeneralString",
    0x1C: "UniversalString",
    0x1E: "BMPString",
}
_CLASSES = ("UNIVERSAL", "APPLICATION", "", "PRIVATE")
_ENCODINGS = {
    0x0C: "utf-8",
    0x12: "ascii",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x17: "ascii",
    0x18: "ascii",
    0x1A: "ascii",
    0x1B: "latin-1",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
_TIME_FORMATS = {0x17: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}


@dataclass(frozen=True)
class Asn1Node:
    """One element. `offset` counts octets from the start of the whole, up to the tag octet.

    `length` is that of the content in octets, `value` a short text of it ("" for one that only
    holds others). `problem` says what is wrong here; what follows it is not read.
    """

    name: str
    tag: int
    offset: int
    header_length: int
    length: int
    value: str = ""
    problem: str = ""
    children: "tuple[Asn1Node, ...]" = field(default=())

    @property
    def start(self) -> int:
        """Where the content begins."""
        return self.offset + self.header_length

    @property
    def end(self) -> int:
        """Where the content ends."""
        return self.start + self.length

    def content(self, data: bytes) -> bytes:
        """The content, out of the bytes that this was read from."""
        return data[self.start : self.end]

    def whole(self, data: bytes) -> bytes:
        """Tag, length and content, out of the bytes that this was read from."""
        return data[self.offset : self.end]


def asn1_tree(data: bytes) -> Asn1Node:
    """The element at the start of `data`; never an error, and never more than 2,000 nodes."""
    if not data:
        return _damaged(0, 0, "there is nothing")
    first = _Reader(data).element(0, len(data), 0)
    if first.problem or first.end >= len(data):
        return first
    left = len(data) - first.end
    rest = _damaged(first.end, left, f"{left} more octets follow the element")
    return Asn1Node("data", 0, 0, 0, len(data), children=(first, rest))


def read_elements(data: bytes) -> tuple[Asn1Node, ...]:
    """The elements right within the one at the start of `data`, nothing within them read.

    () where that does not parse; of very many the first 10,000.
    """
    header = _header(data, 0, len(data)) if data else "empty"
    if isinstance(header, str) or header[1] + header[2] > len(data):
        return ()
    position, end = header[1], header[1] + header[2]
    elements: list[Asn1Node] = []
    while position < end and len(elements) < _MOST_ELEMENTS:
        found = _header(data, position, end)
        if isinstance(found, str) or position + found[1] + found[2] > end:
            return ()
        tag, header_length, length = found
        elements.append(Asn1Node(_name(tag), tag, position, header_length, length))
        position += header_length + length
    return tuple(elements)


def text_of(tag: int, content: bytes) -> str | None:
    """What a character string (by its tag) says, safe to show; None for all other tags."""
    encoding = _ENCODINGS.get(tag)
    if encoding is None:
        return None
    return printable(content.decode(encoding, "replace"))


def dotted_number(content: bytes) -> str | None:
    """An OBJECT IDENTIFIER's content as numbers with dots, None if it is none (X.690 8.19)."""
    if not content or content[-1] & 0x80 or len(content) > _MOST_OCTETS:
        return None
    arcs, arc = [], 0
    for octet in content:
        arc = arc << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    top = min(arcs[0] // 40, 2)
    return ".".join(map(str, (top, arcs[0] - 40 * top, *arcs[1:])))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = _MOST_NODES

    def element(self, offset: int, end: int, depth: int) -> Asn1Node:
        """The element at `offset`, which must not go beyond `end`."""
        self._left -= 1
        header = _header(self._data, offset, end)
        if isinstance(header, str):
            return _damaged(offset, end - offset, header)
        tag, header_length, length = header
        start = offset + header_length
        if start + length > end:
            told = f"it says it has {length} octets, and {end - start} are left"
            return _damaged(offset, end - offset, told)
        content = self._data[start : start + length]
        name = _name(tag)
        if tag & _CONSTRUCTED:
            children = self._children(start, start + length, depth)
            value = "" if children else "empty"
            return Asn1Node(name, tag, offset, header_length, length, value, children=children)
        inner = self._within_string(tag, start, content, depth)
        value = "" if inner else _value(tag, content)
        return Asn1Node(name, tag, offset, header_length, length, value, children=inner)

    def _children(self, start: int, end: int, depth: int) -> tuple[Asn1Node, ...]:
        children: list[Asn1Node] = []
        position = start
        while position < end:
            if depth >= _DEEPEST or self._left <= 0:
                why = "deeper" if depth >= _DEEPEST else "more"
                children.append(_damaged(position, end - position, f"not shown: {why} than fits"))
                break
            child = self.element(position, end, depth + 1)
            children.append(child)
            if child.problem:
                break
            position = child.end
        return tuple(children)

    def _within_string(
        self, tag: int, start: int, content: bytes, depth: int
    ) -> tuple[Asn1Node, ...]:
        """An extension's value and a public key are elements within a string."""
        skipped = 1 if tag == BIT_STRING and content[:1] == b"\0" else 0
        inner = content[skipped:]
        if tag not in (BIT_STRING, OCTET_STRING) or len(inner) < 2 or depth >= _DEEPEST:
            return ()
        # A signature and an RSA key are sequences; a point of a curve only looks like an element.
        if (tag == BIT_STRING and inner[0] != SEQUENCE) or _name(inner[0]).startswith("["):
            return ()
        if not _is_one_element(inner):
            return ()
        before = self._left
        node = self.element(start + skipped, start + len(content), depth + 1)
        if _is_sound(node):
            return (node,)
        self._left = before
        return ()


def _is_one_element(data: bytes) -> bool:
    header = _header(data, 0, len(data))
    return not isinstance(header, str) and header[1] + header[2] == len(data)


def _is_sound(node: Asn1Node) -> bool:
    if node.problem.startswith("not shown"):
        return True
    return not node.problem and all(_is_sound(child) for child in node.children)


def _header(data: bytes, offset: int, end: int) -> tuple[int, int, int] | str:
    """Tag octet, length of tag and length, length of the content; or what is wrong."""
    position = offset
    tag = data[position]
    position += 1
    if tag & _HIGH_TAG_NUMBER == _HIGH_TAG_NUMBER:
        while position < end and data[position] & 0x80:
            position += 1
        position += 1
        if position - offset > _LONGEST_TAG:
            return "its tag is absurdly long"
    if position >= end:
        return "it ends before its length"
    first = data[position]
    position += 1
    if first < _OPEN_LENGTH:
        return tag, position - offset, first
    octets = first & 0x7F
    if first == _OPEN_LENGTH:
        return "its length is left open, which DER forbids"
    if octets > _LARGEST_LENGTH_OCTETS:
        return "its length is absurd"
    if position + octets > end:
        return "it ends within its length"
    length = int.from_bytes(data[position : position + octets], "big")
    return tag, position + octets - offset, length


def _damaged(offset: int, length: int, problem: str) -> Asn1Node:
    return Asn1Node("damaged", 0, offset, 0, length, problem=f"At offset {offset}: {problem}.")


def _name(tag: int) -> str:
    number = tag & _HIGH_TAG_NUMBER
    kind = tag >> 6
    if kind == 0:
        return _UNIVERSAL.get(number, f"[UNIVERSAL {number}]")
    if number == _HIGH_TAG_NUMBER:
        return f"[{_CLASSES[kind]} high]".replace("[ ", "[")
    return f"[{number}]" if kind == _CONTEXT_SPECIFIC else f"[{_CLASSES[kind]} {number}]"


def _value(tag: int, content: bytes) -> str:
    if not content:
        return "" if tag == NULL else "empty"
    if tag == BOOLEAN and len(content) == 1:
        return "TRUE" if content[0] else "FALSE"
    if tag in (INTEGER, ENUMERATED):
        return _integer(content)
    if tag == OBJECT_IDENTIFIER:
        return _identifier(content)
    if tag in _TIME_FORMATS:
        return _time(tag, content)
    if tag == BIT_STRING:
        return f"{len(content) * 8 - 8 - min(content[0], 7)} bits: {_octets(content[1:])}"
    text = text_of(tag, content)
    if text is not None:
        return printable(text, _MOST_CHARACTERS)
    return _octets(content)


def _integer(content: bytes) -> str:
    if len(content) <= 8:
        return str(int.from_bytes(content, "big", signed=True))
    return _octets(content)


def _identifier(content: bytes) -> str:
    dotted = dotted_number(content)
    if dotted is None:
        return f"no object identifier: {_octets(content)}"
    name = object_identifier_name(dotted)
    return f"{dotted} ({name})" if name else dotted


def _time(tag: int, content: bytes) -> str:
    text = content.decode("ascii", "replace")
    try:
        moment = datetime.strptime(text, _TIME_FORMATS[tag]).replace(tzinfo=UTC)
    except ValueError:
        return printable(text, _MOST_CHARACTERS)
    if tag == 0x17 and moment.year >= 2050:
        # RFC 5280 4.1.2.5.1: "Where YY is greater than or equal to 50, the year SHALL be
        # interpreted as 19YY".
        moment = moment.replace(year=moment.year - 100)
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _octets(content: bytes) -> str:
    shown = content[:_MOST_OCTETS].hex()
    return shown if len(content) <= _MOST_OCTETS else f"{shown}… ({len(content)} octets)"
