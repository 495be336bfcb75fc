"""The files that options name: read at most as far as is sensible, refused with the option."""

from pathlib import Path

from certwright.access.passwords import refuse_weak_password
from certwright.errors import CertwrightError, ErrorCode

_LONGEST_PASSWORD = 4096


def read_file(file: Path, option: str, most_bytes: int) -> bytes:
    """The first `most_bytes` of the file; raises INVALID_INPUT with the option."""
    try:
        with file.open("rb") as opened:
            return opened.read(most_bytes)
    except OSError as error:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {file} cannot be read: {error.strerror}.",
            f"Correct {option}.",
        ) from error


def read_password_file(file: Path, option: str) -> str:
    """The first line of the file; raises INVALID_INPUT with the option."""
    first_line = read_file(file, option, _LONGEST_PASSWORD).partition(b"\n")[0]
    try:
        text = first_line.decode("utf-8-sig")  # editors on Windows begin with a mark
    except UnicodeDecodeError:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The password in {file} is not written in UTF-8, so it could mean several.",
            f"Save the file of {option} as UTF-8.",
        ) from None
    return text.removesuffix("\r")


def read_admin_password(file: Path | None) -> str | None:
    """The first user's password, if a file has it; raises INVALID_INPUT if it will not do."""
    if file is None:
        return None
    password = read_password_file(file, "--admin-password-file")
    refuse_weak_password(password)
    return password
