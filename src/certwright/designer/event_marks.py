"""How what happened is marked in *Lately*. Pure."""

from certwright.lifecycle.events import Event

NOTHING_FAILED = frozenset(
    {
        "clock-set",
        "renewal-asks",
        "request-waits",
        "service-differs",
        "store-changed",
        "unused-expiry",
    }
)
"""Kinds that are told because somebody has to look, though nothing failed."""


def mark_of(event: Event) -> str:
    """Its icon: good, attention where nothing failed and somebody has to look, else broken."""
    if event.good:
        return "good"
    return "attention" if event.kind in NOTHING_FAILED else "broken"
