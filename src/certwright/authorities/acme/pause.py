"""How long an account leaves its directory alone, since that asked it to.

A limit concerns the account, or the names of one order: others may go on being ordered then. RFC
8555 6.7 tells the two apart by the names of subproblems only. Let's Encrypt says it in words: of
names are its limits for a registered domain, for an exact set of identifiers and for failed
authorizations; of the account or its address are new orders, new accounts and all requests.
Source: https://letsencrypt.org/docs/rate-limits/, and the page's words in the detail.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from certwright.authorities.acme.problems import Problem, sentence, when_to_ask_again
from certwright.x509.names import NameKind, ServerName
from certwright.x509.text import rfc3339

_LONGEST = timedelta(days=1)
"""A mistaken answer must not keep a house's certificates of six days from being renewed. Whoever
was refused itself waits for as long as it was told."""
_UNAVAILABLE = 503
_WORDS = re.compile(r"[a-z0-9:_-]+(?:\.[a-z0-9_-]+)*")
_EXACT_SET = "exact set of"


@dataclass(frozen=True)
class Pause:
    """Until when nothing is asked of a directory, and the sentence that says why."""

    until: datetime
    sentence: str


def pause_after(
    problem: Problem,
    retry_after: str | None,
    names: Sequence[ServerName],
    authority: str,
    now: datetime,
) -> Pause | None:
    """The pause that an answer to an order for `names` asks of the whole account.

    None where it asks for none, or where it is about the names alone.
    """
    is_limit = problem.is_limit and not _is_about(problem, names)
    moment = when_to_ask_again(problem, retry_after, now)
    if moment is None or not (is_limit or problem.status == _UNAVAILABLE):
        return None
    until = min(moment, now + _LONGEST)
    about = f"{authority} asked us to wait, and is asked nothing before {rfc3339(until)}"
    return Pause(until, sentence(problem, about))


def _is_about(problem: Problem, names: Sequence[ServerName]) -> bool:
    if any(one.name for one in (problem, *problem.subproblems)):
        return True
    detail = problem.detail.lower()
    meant = {domain for name in names for domain in _domains(name)}
    return _EXACT_SET in detail or not meant.isdisjoint(_WORDS.findall(detail))


def _domains(name: ServerName) -> Iterator[str]:
    """`name` and the domains above it, but for the topmost; an address is but itself."""
    if name.kind is NameKind.IP:
        yield name.value
        return
    labels = name.value.removeprefix("*.").split(".")
    yield from (".".join(labels[start:]) for start in range(max(len(labels) - 1, 1)))
