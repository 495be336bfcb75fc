"""Options that several kinds of services have: names, an address, a command of one's own."""

import os
import shlex
from collections.abc import Sequence

from ..failures import FailureCode, MachineError
from ..programs import Finished, run
from .service import Address, ServiceReference

_HIGHEST_PORT = 65535
_MOST_SECONDS = 120.0
"""For a command of the administrator's own, such as the restart of a large server."""


def names_of(reference: ServiceReference) -> tuple[str, ...]:
    """Option `names`: DNS names, a comma or a space between them."""
    return tuple(reference.option("names").replace(",", " ").split())


def addresses_of(reference: ServiceReference) -> tuple[Address, ...]:
    """Option `address`: HOST:PORT or HOST:PORT:STARTTLS, an IPv6 address in brackets.

    Raises INVALID_INPUT.
    """
    text = reference.option("address")
    if not text:
        return ()
    closing = text.rfind("]") + 1
    host, _, rest = text[closing:].partition(":")
    port, _, starttls = rest.partition(":")
    host = text[:closing].strip("[]") + host
    if not host or not is_port(port):
        raise MachineError(
            FailureCode.INVALID_INPUT,
            f"{text!r} is no address.",
            "Write it as HOST:PORT, or as HOST:PORT:PROTOCOL where TLS begins by STARTTLS.",
        )
    return (Address(host, int(port), starttls),)


def command_of(reference: ServiceReference, option: str) -> tuple[str, ...]:
    """A command line, split into program and arguments as a shell would; () where it is not given.

    No shell runs it. Raises INVALID_INPUT.
    """
    lexer = shlex.shlex(reference.option(option), posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    if os.name == "nt":
        lexer.escape = ""  # there it stands between folders
    try:
        return tuple(lexer)
    except ValueError:
        raise MachineError(
            FailureCode.INVALID_INPUT,
            f"The option {option} has a quotation mark too few.",
            "Mend the command line.",
        ) from None


def run_or_fail(
    command: Sequence[str], *, given: bytes = b"", account: int | None = None
) -> Finished:
    """Run it to a good end; raises SERVICE_FAILED with its words, NOT_FOUND or BUSY."""
    finished = run(command, seconds=_MOST_SECONDS, given=given, account=account)
    if finished.code != 0:
        said = f" and said: {finished.words.rstrip('.')}." if finished.words else "."
        raise MachineError(
            FailureCode.SERVICE_FAILED,
            f"{command[0]} ended with exit code {finished.code}{said}",
            "Run it by hand to see what it lacks, then try again.",
        )
    return finished


def no_endpoint(endpoint: str, there_are: Sequence[str]) -> MachineError:
    """NOT_FOUND: the service has no endpoint of that name."""
    named = f"Name one of: {', '.join(there_are)}. " if there_are else ""
    return MachineError(
        FailureCode.NOT_FOUND,
        f"The service has no endpoint {endpoint!r}.",
        f"{named}If its configuration was changed, look at the service again.",
    )


def is_port(text: str) -> bool:
    """Whether it is the number of a TCP port, in decimal digits."""
    return text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= _HIGHEST_PORT
