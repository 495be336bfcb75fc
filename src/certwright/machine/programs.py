"""Running other programs: with a time limit, without a shell, and with a bounded answer."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import IO, Any

from .failures import FailureCode, MachineError

LONGEST_OUTPUT = 64 * 1024
"""Bytes of each output that are kept: the last ones."""
_MOST_SAID = 400
"""Characters of a program's own words that are repeated to the administrator: the last ones."""
_OWN = "CERTWRIGHT_"
_CHUNK = 16 * 1024
_LAST_WORDS_SECONDS = 1.0


def inherited_environment() -> dict[str, str]:
    """What this process has, without its own settings: some of them are secrets."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}


@dataclass(frozen=True)
class Finished:
    """How a program ended, and what it wrote, as text.

    `output` is both outputs in one, unless they were wanted apart: `errors` is the second then.
    """

    code: int
    output: str
    errors: str = ""

    @property
    def words(self) -> str:
        """What it said at the end, on one line; among its errors if it wrote any apart."""
        said = self.errors if self.errors.strip() else self.output
        line = " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())
        return line if len(line) <= _MOST_SAID else f"... {line[-_MOST_SAID:]}"


def run(
    command: Sequence[str],
    *,
    seconds: float = 30.0,
    given: bytes = b"",
    discards: bool = False,
    apart: bool = False,
    environment: Mapping[str, str] | None = None,
    account: int | None = None,
) -> Finished:
    """Run `command` (program and arguments; never a shell) to its end, `given` on its input.

    With `discards` what it writes goes nowhere, with `apart` each output is kept for itself;
    `environment` is all that it finds there (None: `inherited_environment`). With `account`, which
    takes root, it runs as that one and in its groups.

    No secret may stand in `command`, for every account of the machine can read it there. Raises
    NOT_FOUND where the program is missing, NOT_PERMITTED, or BUSY when `seconds` are over; the
    program and those it started are ended then.
    """
    kept = subprocess.DEVNULL if discards else subprocess.PIPE
    try:
        with subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=kept,
            stderr=kept if apart or discards else subprocess.STDOUT,
            bufsize=0,  # a buffer's lock would keep it from being closed while a thread reads
            env=inherited_environment() if environment is None else dict(environment),
            start_new_session=os.name == "posix",
            **_of_account(account),
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


def _of_account(account: int | None) -> dict[str, Any]:
    if account is None or sys.platform == "win32":
        return {}
    import pwd

    try:
        known = pwd.getpwuid(account)
    except KeyError:  # an account without a name is in no group of others
        return {"user": account, "group": account, "extra_groups": []}
    groups = os.getgrouplist(known.pw_name, known.pw_gid)
    return {"user": account, "group": known.pw_gid, "extra_groups": groups}


class _End:
    """The end of an output, read by a thread of its own so that no other has to wait."""

    def __init__(self, output: IO[bytes] | None) -> None:
        self._output = output
        self._bytes = b""
        self.thread = Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        if self._output is None:
            return
        with suppress(OSError, ValueError):  # closed, since its program was ended
            while chunk := self._output.read(_CHUNK):
                self._bytes = (self._bytes + chunk)[-LONGEST_OUTPUT:]

    @property
    def text(self) -> str:
        return self._bytes.decode("utf-8", "replace")


def _finish(
    process: "subprocess.Popen[bytes]", program: str, seconds: float, given: bytes
) -> Finished:
    deadline = time.monotonic() + seconds
    output, errors = _End(process.stdout), _End(process.stderr)
    writer = Thread(target=_give, args=(process.stdin, given), daemon=True)
    writer.start()
    threads = (writer, output.thread, errors.thread)
    try:
        process.wait(seconds)
        for thread in threads:
            # Until a program that it started and left behind lets go of the outputs.
            thread.join(max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in threads):
            raise subprocess.TimeoutExpired(program, seconds)  # noqa: TRY301 - as `wait` does
    except subprocess.TimeoutExpired:
        _end(process, threads)
        raise MachineError(
            FailureCode.BUSY,
            f"{program} did not end within {seconds:g} seconds, and was stopped.",
            "Look what it waits for, then try again.",
        ) from None
    except BaseException:
        _end(process, threads)
        raise
    return Finished(process.returncode, output.text, errors.text)


def _give(receiver: IO[bytes] | None, given: bytes) -> None:
    if receiver is None:
        return
    left = memoryview(given)
    with suppress(OSError, ValueError):  # it does not read its input, which is its own affair
        while left:
            left = left[receiver.write(left) :]
    with suppress(OSError):
        receiver.close()


def _end(process: "subprocess.Popen[bytes]", threads: Sequence[Thread]) -> None:
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
    else:
        process.kill()
    process.wait()
    for thread in threads:
        thread.join(_LAST_WORDS_SECONDS)
