"""A way to people: what each one has in common."""

import io
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.telling.message import Message
from certwright.x509.text import printable

OPERATION_SECONDS = 15.0
_WHOLE_SECONDS = 60.0
_LONGEST_WORDS = 300
_MOST_LINES = 256 * 1024
"""Bytes of the lines that one connection brings; answers have some hundred."""


TlsContext = Callable[[], ssl.SSLContext]
"""Made when something is sent: to read all roots takes longer than to see that nothing is to be
told."""


class Channel(Protocol):
    """Sends messages; whoever made it knows where to."""

    def send(self, message: Message) -> str:
        """Hand `message` over and return the other side's words; raises TELLING_FAILED."""
        ...


class Heard(io.BufferedReader):
    """What the other side says: its lines come to an end, whatever it does.

    The standard clients gather a reply of SMTP, and pass over interim answers of HTTP, for as long
    as more of it comes: the memory of the worker, or a processor, would be full of it.
    """

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection.makefile("rb", buffering=0))
        self._left = _MOST_LINES
        self._deadline = time.monotonic() + _WHOLE_SECONDS

    def readline(self, size: int | None = -1, /) -> bytes:
        """Raises OSError once there were too many of them, or for too long."""
        line = super().readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("it says more than an answer has to say")
        if time.monotonic() > self._deadline:
            raise TimeoutError
        return line


def telling_failed(sentence: str, remedy: str) -> CertwrightError:
    """The error of a message that was not handed over."""
    return CertwrightError(ErrorCode.TELLING_FAILED, sentence, remedy)


def not_set(name: str, value: str) -> CertwrightError:
    """The error of a channel that is set up by halves; `value` is how to give what is missing."""
    return telling_failed(
        f"The setting {name} is missing.", f"Set it: certwright settings set {name} {value}"
    )


def words(said: bytes | str) -> str:
    """What the other side said, fit to be shown."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return printable(" ".join(text.split()), _LONGEST_WORDS)


def reason(error: OSError) -> str:
    """Why a connection failed, in a few words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {words(error.verify_message)}"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, socket.gaierror):
        return "no address is known for it"
    return words(error.strerror or str(error) or type(error).__name__)


def send_in_time(channel: Channel, message: Message) -> str:
    """As `channel.send`, and TELLING_FAILED after a minute.

    A peer that drips one byte at a time never exceeds the limit of one operation, and the system's
    resolver knows no limit at all: a thread that can be left behind does.
    """
    outcome: Future[str] = Future()

    def work() -> None:
        try:
            outcome.set_result(channel.send(message))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it goes to who waits
            outcome.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        return outcome.result(_WHOLE_SECONDS)
    except TimeoutError:
        raise telling_failed(
            f"The other side was not done within {_WHOLE_SECONDS:.0f} seconds.",
            "Look why it is so slow.",
        ) from None
