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
    is_self_signed: Callable[[_Item], bool],
    not_after: Callable[[_Item], datetime],
) -> tuple[_Item, ...]:
    """`items`, the best first: the right ones, then those with the fewest and least findings.

    Of two alike the one that an authority issued comes first, then the one that lasts longer;
    what is alike in that too stays in order.
    """

    def badness(item: _Item) -> tuple[int, ...]:
        severities = [finding.severity for finding in findings(item)]
        counts = (severities.count(severity) for severity in Severity)
        return (*counts, is_self_signed(item))

    lasting = sorted(items, key=not_after, reverse=True)
    return tuple(sorted(lasting, key=badness))
