"""The files that options name: read at most as far as is sensible, refused with the option."""

from pathlib import Path

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.reading import LARGEST_FILE


def read_file(file: Path, option: str) -> bytes:
    """At most one byte more than the largest file taken; raises INVALID_INPUT with the option."""
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {file} cannot be read: {error.strerror}.",
            f"Correct {option}.",
        ) from error


def read_password_file(file: Path, option: str) -> str:
    """The first line of the file; raises INVALID_INPUT with the option."""
    try:
        text = read_file(file, option).decode("utf-8-sig")  # editors on Windows begin with a mark
    except UnicodeDecodeError:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The password in {file} is not written in UTF-8, so it could mean several.",
            f"Save the file of {option} as UTF-8.",
        ) from None
    return text.partition("\n")[0].removesuffix("\r")
