"""Which certificates to offer first."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from certwright.rules.finding import Finding, Severity

_Item = TypeVar("_Item")


def rank(
    items: Iterable[_Item],
    *,
    findings: Callable[[_Item], tuple[Finding, ...]],
    not_after: Callable[[_Item], datetime],
) -> tuple[_Item, ...]:
    """`items`, the best first: the right ones, then those with the fewest and least findings.

    Of two alike the one that lasts longer comes first; what is alike in that too stays in order.
    """

    def badness(item: _Item) -> tuple[int, ...]:
        severities = [finding.severity for finding in findings(item)]
        return tuple(severities.count(severity) for severity in Severity)

    lasting = sorted(items, key=not_after, reverse=True)
    return tuple(sorted(lasting, key=badness))
