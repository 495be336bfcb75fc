"""Under which names a place of a settings file stands: keys of JSON, elements of XML, sections.

Nothing is refused: whatever is not well-formed gives the names that can be told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BYTE_ORDER_MARKS = "\xef\xbb\xbf\ufeff"
_JSON = re.compile(r'"(?:[^"\\]|\\.|\\\Z)*(?:"|\Z)|[{}\[\],:]', re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_ELEMENT = re.compile(r"</?\s*([\w:.-]+)")
_ATTRIBUTE = re.compile(r"""(?<![\w:.-])([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')""")
_SECTION = re.compile(r'^[ \t]*\[([^\]\r\n",{}]*)\][ \t]*\r?$', re.MULTILINE)
_NAMING = frozenset({"endpoint", "key", "name", "server", "type"})
"""A value of one of these keys or attributes names what it stands in."""


def enclosing_names(text: str, position: int) -> tuple[str, ...]:
    """The names around a position, the outermost first."""
    begin = text.lstrip(_BYTE_ORDER_MARKS + " \t\r\n")
    if begin.startswith(("{", "[")) and not _SECTION.match(begin):
        names = _in_json(text, position)
    elif begin.startswith("<"):
        names = _in_xml(text, position)
    else:
        names = _in_lines(text, position)
    return tuple(name for name in names if name)


@dataclass
class _Level:
    """An object or a list that is open: the key that it stands under, and what names it."""

    key: str = ""
    label: str = ""
    last_key: str = ""
    last_text: str = ""


def _in_json(text: str, position: int) -> Iterator[str]:
    levels = [_Level()]
    for token in _JSON.finditer(text):
        if token.end() > position:
            break
        here = levels[-1]
        match token[0]:
            case "{" | "[":
                levels.append(_Level(key=here.last_key))
            case "}" | "]" if len(levels) > 1:
                levels.pop()
            case ":":
                here.last_key, here.last_text = here.last_text, ""
            case ",":
                here.last_key = ""
            case string:
                here.last_text = string[1:-1]
                if here.last_key.lower() in _NAMING:
                    here.label = here.last_text
    for level in levels:
        yield level.key
        yield level.label
    yield levels[-1].last_key


def _in_xml(text: str, position: int) -> Iterator[str]:
    open_elements: list[tuple[str, str]] = []
    for tag in _TAG.finditer(text):
        if tag.start() > position:
            break
        element = _ELEMENT.match(tag[0])
        if element is None:
            continue
        attributes = list(_ATTRIBUTE.finditer(tag[0]))
        label = " ".join(one[2][1:-1] for one in attributes if one[1].lower() in _NAMING)
        if position < tag.end():
            open_elements.append((element[1], label))
            offset = position - tag.start()
            open_elements += [
                (one[1], "") for one in attributes if one.start() <= offset < one.end()
            ]
            break
        if tag[0].startswith("</"):
            _close(open_elements, element[1])
        elif not tag[0].endswith("/>"):
            open_elements.append((element[1], label))
    for name, label in open_elements:
        yield name
        yield label


def _close(open_elements: list[tuple[str, str]], name: str) -> None:
    for place in range(len(open_elements) - 1, -1, -1):
        if open_elements[place][0] == name:
            del open_elements[place:]
            return


def _in_lines(text: str, position: int) -> Iterator[str]:
    sections = [found[1].strip() for found in _SECTION.finditer(text, 0, position)]
    yield sections[-1] if sections else ""
    line = text[text.rfind("\n", 0, position) + 1 : position]
    yield re.split("[=:]", line)[0].strip()
