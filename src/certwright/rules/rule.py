"""What a rule is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.environment import Environment
from certwright.rules.finding import Severity

ERROR_EVERYWHERE: Mapping[Environment, Severity] = dict.fromkeys(Environment, Severity.ERROR)


@dataclass(frozen=True)
class Rule:
    """A demand with a code, and the pure function that looks whether it is met.

    `judge` returns the sentence to show if it is not met, else None. An environment that
    `severities` leaves out does not make the demand.
    """

    code: str
    title: str
    severities: Mapping[Environment, Severity]
    reference: str
    remedy: str
    judge: Callable[[Candidate, Requirement], str | None]
