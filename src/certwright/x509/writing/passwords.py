"""The password that a new file gets."""

from certwright.errors import CertwrightError, ErrorCode

_MOST_OCTETS = 1023
"""More than that the cryptographic library does not take."""


def new_password(password: str) -> bytes:
    """UTF-8; raises INVALID_INPUT for one that no program could open the file with."""
    try:
        encoded = password.encode()
    except UnicodeEncodeError:
        encoded = b"\0"
    if b"\0" in encoded or len(encoded) > _MOST_OCTETS:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "The new file cannot get this password: it is too long, or has a character that "
            "cannot be typed.",
            f"Choose one of at most {_MOST_OCTETS} characters.",
        )
    return encoded


def password_needed() -> CertwrightError:
    """The error for a private key that would leave without a password."""
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        "A private key in this format needs a password.",
        "Give a password for the new file; whoever imports it will be asked for it.",
    )


def password_refused(what: str) -> CertwrightError:
    """The error for a password that would protect nothing; `what` is the file, with its article."""
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        f"{what} is not encrypted, so a password would protect nothing.",
        "Leave the password out, or choose another format.",
    )
