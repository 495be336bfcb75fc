"""The password of a file, in the encodings that formats take it in."""

from dataclasses import dataclass

from certwright.errors import CertwrightError, ErrorCode

_REMEDY = "Give the password that the file was exported with; upper and lower case differ."


@dataclass(frozen=True)
class Secret:
    """One password, as PKCS#5 takes it and as PKCS#12's own derivation does."""

    utf8: bytes
    bmp: bytes
    """RFC 7292 B.1: big-endian with two octets a character, and two zero octets at the end."""


def possible_secrets(password: str | None) -> tuple[Secret, ...]:
    """What `password` may have meant to the program that wrote the file, the likeliest first.

    Raises WRONG_PASSWORD for one with a NUL.
    """
    if not password:
        # RFC 7292 B.1: the empty password is two zero octets, but some programs make it none at
        # all, and a file does not tell which: both are "no password" to the one who exported it.
        return Secret(b"", b"\0\0"), Secret(b"", b"")
    utf8 = encode_password(password)
    secret = Secret(utf8, password.encode("utf-16-be", "surrogatepass") + b"\0\0")
    if password.isascii():
        return (secret,)
    # OpenSSL before 1.1 took each octet that was typed for a character of its own.
    return secret, Secret(utf8, utf8.decode("latin-1").encode("utf-16-be") + b"\0\0")


def encode_password(password: str) -> bytes:
    """UTF-8, whatever the text; raises WRONG_PASSWORD for one with a NUL.

    The library hands passwords on as C strings: one function panics on a NUL, another reads no
    further than to it and so opens a file with a password that is not the file's.
    """
    if "\0" in password:
        raise wrong_password()
    return password.encode("utf-8", "surrogatepass")


def wrong_password(what: str = "the file") -> CertwrightError:
    """The error for a password that does not open `what`."""
    return CertwrightError(ErrorCode.WRONG_PASSWORD, f"The password does not open {what}.", _REMEDY)


def password_missing(what: str) -> CertwrightError:
    """The error for `what` when it needs a password and none was given."""
    return CertwrightError(
        ErrorCode.WRONG_PASSWORD,
        f"{what[:1].upper()}{what[1:]} needs a password, and none was given.",
        "Give the password that the file was exported with.",
    )


def refused_password(password: str | None, what: str) -> CertwrightError:
    """Whichever of the two it is."""
    return wrong_password(what) if password else password_missing(what)
