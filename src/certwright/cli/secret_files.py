"""Files that hold one secret: a password or a token."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from certwright.cli.input_files import read_at_most
from certwright.errors import CertwrightError, ErrorCode

_MOST_BYTES = 16 * 1024


def read_secret(path: Path, what: str) -> str:
    """The first line of the file; `what` says what it should hold, for the errors.

    Raises `CertwrightError` INVALID_INPUT for a file that cannot be read or has no such line.
    """
    try:
        content = read_at_most(path, _MOST_BYTES + 1)
        lines = content.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {path} with the {what} cannot be read: {error.strerror}.",
            "Name a file that exists and that you may read.",
        ) from None
    except UnicodeDecodeError:
        lines = []
    if len(content) > _MOST_BYTES or not lines or not lines[0]:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {path} does not hold a {what}.",
            f"Its first line must be the {what}, in UTF-8.",
        )
    return lines[0]


@contextmanager
def new_secret_file(path: Path) -> Iterator[TextIO]:
    """A new file, 0600, to write a secret into; gone again if that fails.

    It is made before the secret is, so that no secret is made that cannot be kept.
    Raises `CertwrightError` INVALID_INPUT if it is there already or cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {path} cannot be made: {error.strerror}.",
            "Name a file that does not exist yet, in a folder where you may write.",
        ) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise
