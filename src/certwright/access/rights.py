"""The four rights, and the one question: may this caller do that?"""

from dataclasses import dataclass
from enum import Enum
from functools import total_ordering

from certwright.errors import CertwrightError, ErrorCode


@total_ordering
class Right(Enum):
    """What a user or token may do; each right includes the ones before it.

    Not a string enumeration: strings would order ADMIN before READ.
    """

    READ = "read"
    MODIFY = "modify"
    CREATE = "create"
    ADMIN = "admin"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Right):
            return NotImplemented
        order = list(Right)
        return order.index(self) < order.index(other)


@dataclass(frozen=True)
class Caller:
    """Who asks, as the events name her, and her right.

    `is_local` for whoever owns the node's data folder, and could do all that it can anyway.
    """

    name: str
    right: Right
    is_local: bool = False


def parse_right(text: str) -> Right:
    """The right called `text`; raises `CertwrightError` INVALID_INPUT for any other word."""
    try:
        return Right(text)
    except ValueError:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"There is no right called {text[:40]!r}.",
            "Choose one of " + ", ".join(right.value for right in Right) + ".",
        ) from None


def require(caller: Caller, right: Right, what: str) -> None:
    """Return if `caller` has at least `right`, else raise `CertwrightError` NOT_PERMITTED.

    `what` completes the sentence "... may not WHAT", for example "select a certificate".
    """
    if caller.right < right:
        raise CertwrightError(
            ErrorCode.NOT_PERMITTED,
            f"{caller.name} may not {what}: that needs the right {right.value}, "
            f"and this is {caller.right.value}.",
            "Ask a user with the right admin to do it, or to raise your right.",
        )
