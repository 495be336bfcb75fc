"""The password of a file, as the cryptographic library takes it."""

from certwright.errors import CertwrightError, ErrorCode


def encode_password(password: str) -> bytes:
    """UTF-8, whatever the text; raises WRONG_PASSWORD for one with a NUL.

    The library hands passwords on as C strings: one function panics on a NUL, another reads no
    further than to it and so opens a file with a password that is not the file's.
    """
    if "\0" in password:
        raise wrong_password()
    return password.encode("utf-8", "surrogatepass")


def wrong_password() -> CertwrightError:
    """The error for a password that does not open the file."""
    return CertwrightError(
        ErrorCode.WRONG_PASSWORD,
        "The password does not open the file.",
        "Give the password that the file was exported with; upper and lower case differ.",
    )
