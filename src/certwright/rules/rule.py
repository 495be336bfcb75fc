"""What a rule is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from certwright.rules.case import Case
from certwright.rules.environment import Environment
from certwright.rules.family import Family
from certwright.rules.finding import Severity

ERROR_EVERYWHERE: Mapping[Environment, Severity] = dict.fromkeys(Environment, Severity.ERROR)
WARNING_EVERYWHERE: Mapping[Environment, Severity] = dict.fromkeys(Environment, Severity.WARNING)
NOTICE_EVERYWHERE: Mapping[Environment, Severity] = dict.fromkeys(Environment, Severity.NOTICE)
WARNING_IN_TEST: Mapping[Environment, Severity] = {
    Environment.TEST: Severity.WARNING,
    Environment.PRODUCTION: Severity.ERROR,
    Environment.CLOUD: Severity.ERROR,
}


@dataclass(frozen=True)
class Objection:
    """The sentence to show, with a remedy that fits this very case better than the rule's own."""

    message: str
    remedy: str


@dataclass(frozen=True)
class Rule:
    """A demand with a code, and the pure function that looks whether it is met.

    `judge` returns the sentence to show if it is not met (an Objection where the remedy depends
    on the case), else None. An environment that `severities` leaves out does not make the demand.
    """

    code: str
    family: Family
    title: str
    severities: Mapping[Environment, Severity]
    reference: str
    remedy: str
    judge: Callable[[Case], str | Objection | None]

    def severity(self, case: Case) -> Severity | None:
        """How severe it is that `case` does not meet it; None where that is not demanded.

        A test server's chain is looked at leniently only because its clients may know a root that
        is not known here.
        """
        environment = case.environment
        is_lenient = environment is Environment.TEST and self.family is Family.CHAIN
        if is_lenient and case.requirement.trusts_no_others:
            environment = Environment.PRODUCTION
        return self.severities.get(environment)
