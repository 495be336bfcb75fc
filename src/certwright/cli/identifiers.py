"""Thumbprints as people paste them."""

_SEPARATORS = str.maketrans("", "", " :-\u200e")
"""Windows' certificate window puts an invisible left-to-right mark before a thumbprint."""


def tidy_identifier(text: str) -> str:
    """A thumbprint or fingerprint, or its beginning, without spaces or colons, in lower case."""
    return text.translate(_SEPARATORS).lower()
