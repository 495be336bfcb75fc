"""Which events are told, which of them at once, and what to do about each."""

from collections.abc import Mapping
from dataclasses import dataclass

from certwright.lifecycle.events import Event

TELLING_FAILED = "telling-failed"
EXPIRY_ALARM = "expiry-alarm"
EXPIRED = "certificate-expired"
PROOF_CHANGED = "proof-changed"


@dataclass(frozen=True)
class Kind:
    """How a kind of bad event is told; one that is `urgent` waits for no others."""

    remedy: str
    urgent: bool = False


_RENEW_IT = Kind(
    "Renew what is served there, by hand if need be: certwright status shows what hinders it.",
    urgent=True,
)
KINDS: Mapping[str, Kind] = {
    EXPIRED: _RENEW_IT,
    "activation-failed": Kind(
        "Nothing that works is served there. Mend what the sentence names; if it is the "
        "certificate, select a right one: certwright select, then certwright activate.",
        urgent=True,
    ),
    PROOF_CHANGED: Kind(
        "Mend what the sentence names, then look from outside again: certwright prove, with the "
        "endpoint's name."
    ),
    EXPIRY_ALARM: _RENEW_IT,
    "service-refused": Kind(
        "Find out who changed it, then take it on again: certwright services remove and add.",
        urgent=True,
    ),
    "renewal-refused": Kind(
        "It is not asked for again by itself. Settle it, then: certwright renew, with its name."
    ),
    "renewal-asks": Kind(
        "Look at what the new certificate lacks, and decide: certwright renewals list."
    ),
    "request-waits": Kind(
        "Nothing goes on before it is signed. What else waits: certwright authorities requests."
    ),
    "renewal-failed": Kind(
        "It is tried again by itself. What is served meanwhile: certwright status."
    ),
    "activation-put-back": Kind(
        "The former certificate is served. Select another one, or mend what the sentence names."
    ),
    "activation-interrupted": Kind("Activate it again: certwright activate."),
    "node-silent": Kind(
        "Start it again. If it is gone for good: certwright nodes forget, with its name."
    ),
    "issuance-failed": Kind("Look at the authority: certwright status."),
    "unused-expiry": Kind("If it is of no use any more: certwright certificates delete."),
    "service-differs": Kind(
        "Look what it is, and take it on: certwright services look, with its name."
    ),
    "store-changed": Kind("If nobody of yours did it, find out who did."),
    "clock-set": Kind("Look at the machine's clock and at what sets it."),
    TELLING_FAILED: Kind("Mend it, then try: certwright notify test."),
}
"""The most urgent first: what fails now, what will, what waits, what may be nothing."""
_RANKS = {kind: number for number, kind in enumerate(KINDS)}


def rank_of(kind: str) -> int:
    """How urgent events of `kind` are beside others: 0 for the most urgent."""
    return _RANKS.get(kind, len(_RANKS))


def is_trouble(event: Event, channel: str) -> bool:
    """Whether people are to be told of `event` over `channel` because it is not good."""
    # Over a channel that failed itself nobody needs to hear that it did: it just spoke.
    is_own = event.kind == TELLING_FAILED and event.subject == channel
    return not event.good and event.kind in KINDS and not is_own


def is_mending(event: Event) -> bool:
    """Whether `event` says that an endpoint which was not proven is."""
    return event.good and event.kind == PROOF_CHANGED
