"""How an error ends a command: one clear line, or one JSON document, on standard error."""

import json
from typing import TextIO

from certwright.cli.plain_text import plain
from certwright.cli.problems import RulesFailedError
from certwright.errors import CertwrightError, ErrorCode

FAILED = 1
"""The exit code when something could not be done or a check failed; 2 is wrong usage."""


def tell_failure(error: CertwrightError, stream: TextIO, *, as_json: bool) -> None:
    """Write `error` to `stream`."""
    if as_json:
        document: dict[str, object] = {
            "code": error.code.value,
            "message": error.message,
            "remedy": error.remedy,
        }
        if isinstance(error, RulesFailedError):
            document["findings"] = error.findings
        stream.write(json.dumps(document) + "\n")
    else:
        stream.write(f"certwright: {plain(error.message)} {plain(_remedy(error))}\n")


def _remedy(error: CertwrightError) -> str:
    """What to do, with the option by which it is done here."""
    if error.code is ErrorCode.WRONG_PASSWORD:
        return f"{error.remedy} It is read from a file: --password-file FILE."
    return error.remedy


def unexpected(error: Exception) -> CertwrightError:
    """The error to tell for one that nobody foresaw; its text may hold anything, so it is kept."""
    return CertwrightError(
        ErrorCode.INTERNAL,
        f"Something unexpected went wrong inside certwright ({type(error).__name__}).",
        "Run it again with CERTWRIGHT_DEBUG=1 to see where, and report it.",
    )
