"""One line of HAProxy's configuration as words: quotes, escapes, variables and comments.

Source: HAProxy's Configuration Manual, 2.2 "Quoting and escaping" and 2.3 "Environment variables".
"""

import re
from collections.abc import Iterator, Mapping

from ..configuration.expansion import Expansion

_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", **{letter: letter for letter in " \\#'\"$"}}
"""Any other letter keeps its backslash."""
_HEXADECIMAL = re.compile(r"x([0-9A-Fa-f]{2})")
_VARIABLE = re.compile(r"\{([A-Za-z_.][A-Za-z0-9_.]*)(?:\[\*\])?(?:-([^}]*))?\}|([A-Za-z_]\w*)")


def words_of(
    line: str, variables: Mapping[str, str], expansion: Expansion | None = None
) -> tuple[str, ...]:
    """The words of `line`; a variable that is not among `variables` is empty, as in HAProxy.

    A quotation mark that is not closed ends with the line: HAProxy itself refuses that. What the
    variables become is counted by `expansion`, which raises TOO_LARGE.
    """
    expansion = expansion or Expansion()
    expansion.begin_line()
    words: list[str] = []
    word: list[str] = []
    for piece in _pieces(line, variables, expansion):
        if piece is not None:
            word.append(piece)
        elif word:
            words.append("".join(word))
            word = []
    return (*words, "".join(word)) if word else tuple(words)


def _pieces(line: str, variables: Mapping[str, str], expansion: Expansion) -> Iterator[str | None]:
    """Parts of words, and None between two words; "" so that a quoted nothing is a word too."""
    position, quote = 0, ""
    while position < len(line):
        letter = line[position]
        position += 1
        if letter in ("'", '"') and quote in ("", letter):
            quote = "" if quote else letter
            yield ""
        elif quote == "'":
            yield letter
        elif letter == "\\":
            length, meant = _escape(line, position)
            position += length
            yield meant
        elif quote == '"':
            found = _VARIABLE.match(line, position) if letter == "$" else None
            if found:
                position = found.end()
                letter = expansion.add(variables.get(found[1] or found[3], found[2] or ""))
            yield letter
        elif letter == "#":
            return
        else:
            yield None if letter.isspace() else letter


def _escape(line: str, position: int) -> tuple[int, str]:
    """How many letters after a backslash belong to it, and what is meant."""
    found = _HEXADECIMAL.match(line, position)
    if found:
        return 3, chr(int(found[1], 16))
    letter = line[position : position + 1]
    return (1, _ESCAPED[letter]) if letter in _ESCAPED else (0, "\\")
