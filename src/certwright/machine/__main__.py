"""Do tasks that come as lines of JSON on stdin, and answer each with a line on stdout."""

import sys
from typing import BinaryIO

from .failures import FailureCode, MachineError
from .performing import perform
from .task_messages import LONGEST_MESSAGE, read_task, write_answer
from .tasks import Result


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Until the requests end, or one is too long for the next to be found."""
    while line := requests.readline(LONGEST_MESSAGE + 1):
        answers.write(answer(line))
        answers.flush()
        if not line.endswith(b"\n"):
            return


def answer(line: bytes) -> bytes:
    """The answer to one task, whatever happens."""
    try:
        return write_answer(_done(line))
    except MachineError as failure:
        return write_answer(failure)


def _done(line: bytes) -> Result | MachineError:
    try:
        return perform(read_task(line))
    except MachineError as failure:
        return failure
    except Exception as error:  # noqa: BLE001 - the other side waits for an answer, always
        # The kind alone: the text of an unknown error may quote a password.
        return MachineError(
            FailureCode.INTERNAL,
            f"Something went wrong on the machine ({type(error).__name__}).",
            "Report it to Certwright's makers, with what was being done.",
        )


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
