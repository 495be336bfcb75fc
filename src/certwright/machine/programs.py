"""Running other programs: with a time limit, without a shell, and with a bounded answer."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from .failures import FailureCode, MachineError

_LONGEST_OUTPUT = 64 * 1024
_MOST_SAID = 400
"""Characters of a program's own words that are repeated to the administrator: the last ones."""


@dataclass(frozen=True)
class Finished:
    """How a program ended, and what it wrote to both outputs, as text."""

    code: int
    output: str

    @property
    def words(self) -> str:
        """What it said at the end, on one line."""
        line = " ".join(
            "".join(letter if letter.isprintable() else " " for letter in self.output).split()
        )
        return line if len(line) <= _MOST_SAID else f"... {line[-_MOST_SAID:]}"


def run(
    command: Sequence[str], *, seconds: float = 30.0, given: bytes = b"", discards: bool = False
) -> Finished:
    """Run `command` (program and arguments; never a shell) to its end, `given` on its input.

    No secret may stand in `command`, for every account of the machine can read it there. Raises
    NOT_FOUND where the program is missing, NOT_PERMITTED, or BUSY when `seconds` are over; the
    program and those it started are ended then.
    """
    try:
        with subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL if discards else subprocess.PIPE,
            stderr=subprocess.DEVNULL if discards else subprocess.STDOUT,
            start_new_session=os.name == "posix",
        ) as process:
            return _finish(process, command[0], seconds, given)
    except FileNotFoundError:
        raise MachineError(
            FailureCode.NOT_FOUND,
            f"The program {command[0]} is not there.",
            "Install it, or name the right one.",
        ) from None
    except OSError as error:
        raise MachineError(
            FailureCode.NOT_PERMITTED,
            f"The program {command[0]} cannot be run: {error.strerror}.",
            "Let the account that Certwright runs as run it.",
        ) from None


def _finish(
    process: "subprocess.Popen[bytes]", program: str, seconds: float, given: bytes
) -> Finished:
    try:
        output, _ = process.communicate(given, seconds)
    except subprocess.TimeoutExpired:
        _end(process)
        raise MachineError(
            FailureCode.BUSY,
            f"{program} did not end within {seconds:g} seconds, and was stopped.",
            "Look what it waits for, then try again.",
        ) from None
    except BaseException:
        _end(process)
        raise
    text = (output or b"")[-_LONGEST_OUTPUT:].decode("utf-8", "replace")
    return Finished(process.returncode, text)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if os.name == "posix":
        os.killpg(process.pid, 9)
    else:
        process.kill()
    process.communicate()
