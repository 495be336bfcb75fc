"""HTTP errors of an ACME server, as an exception that keeps all that was said."""

from datetime import datetime

from requests import Response

from certwright.authorities.acme.problems import Problem, read_problem, refusal
from certwright.authorities.authority import IssuanceFailed

_FIRST_ERROR = 400


class Refused(Exception):  # noqa: N818 - an outcome, named as people say it
    """The server answered with an HTTP error."""

    def __init__(self, problem: Problem, retry_after: str | None) -> None:
        super().__init__(problem.kind)
        self.problem = problem
        self.retry_after = retry_after

    def failure(
        self, now: datetime, *, about: str = "", starts_over: bool = False
    ) -> IssuanceFailed:
        """The same as a failure of the issuance."""
        return refusal(self.problem, self.retry_after, now, about=about, starts_over=starts_over)


def refuse_errors(response: Response) -> None:
    """Raise `Refused` for an HTTP error."""
    if response.status_code < _FIRST_ERROR:
        return
    try:
        document = response.json()
    except (ValueError, RecursionError):
        document = None
    problem = read_problem(document, response.status_code)
    raise Refused(problem, response.headers.get("Retry-After"))
