"""Text of others' making, safe to show on a terminal."""

import unicodedata
from typing import Any

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain(text: str) -> str:
    """`text` with a replacement for everything that would steer the terminal or hide.

    The subject of an imported certificate is whatever its maker liked, escape sequences and
    reversed writing included.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(c) in _HIDDEN else c for c in text)


def plain_document(document: Any) -> Any:
    """The same JSON with every string made `plain`."""
    if isinstance(document, str):
        return plain(document)
    if isinstance(document, list):
        return [plain_document(item) for item in document]
    if isinstance(document, dict):
        return {plain(str(key)): plain_document(value) for key, value in document.items()}
    return document
