"""Thumbprints as people paste them."""

from certwright.errors import CertwrightError, ErrorCode

_SEPARATORS = str.maketrans("", "", " :-\u200e")
"""Windows' certificate window puts an invisible left-to-right mark before a thumbprint."""


def tidy_identifier(text: str) -> str:
    """A thumbprint or fingerprint, or its beginning, without spaces or colons, in lower case.

    Raises `CertwrightError` INVALID_INPUT when nothing is left.
    """
    identifier = text.translate(_SEPARATORS).lower()
    if not identifier:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "The certificate is not named.",
            "Give the beginning of its thumbprint: certwright certificates list",
        )
    return identifier
