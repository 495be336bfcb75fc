"""How renewals are told in the Designer: where, when, and the one sentence for all of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from certwright.designer.dates import soon_text
from certwright.lifecycle.renewal.due import Outlook, Plan
from certwright.lifecycle.renewal.record import Renewal, RenewalState
from certwright.lifecycle.renewal.urgency import most_urgent, plan_of
from certwright.services.endpoints import Endpoint, OwnEndpoint
from certwright.x509.text import listed

RENEWALS = "/renewals"
_MOST_PLACES = 3


@dataclass(frozen=True)
class RenewalSentence:
    """How renewals stand at a glance, and where more of it is told.

    `health` is attention where somebody has to see to it; `plan` is then the one it is about, None
    where no endpoint uses the certificate.
    """

    health: str
    sentence: str
    address: str
    label: str
    plan: Plan | None = None


def story_address(number: int) -> str:
    """Where the story of a renewal is."""
    return f"{RENEWALS}/{number}"


def places_text(endpoints: Iterable[Endpoint]) -> str:
    """Endpoints by what they are called, a few of many: `Configuration Server and Web Server`."""
    labels = tuple(endpoint.name.label for endpoint in endpoints)
    if len(labels) > _MOST_PLACES:
        return listed(labels, _MOST_PLACES - 1)
    *before, last = labels or ("no endpoint",)
    return f"{', '.join(before)} and {last}" if before else last


def _in_words(endpoints: Sequence[Endpoint]) -> str:
    """As `places_text`, for the middle of a sentence."""
    is_own = endpoints and isinstance(endpoints[0].name, OwnEndpoint)
    return f"the {places_text(endpoints)}" if is_own else places_text(endpoints)


def subject_of(renewal: Renewal, plans: Sequence[Plan]) -> str:
    """What a renewal is about: the endpoints that it is for, or else its names."""
    if renewal.wanted.rehearsed_at is not None:
        return renewal.wanted.rehearsed_at.in_words
    plan = plan_of(renewal, plans)
    if plan is not None:
        return _in_words(plan.endpoints)
    return listed(tuple(name.display for name in renewal.wanted.names), 2)


def renewal_sentence(
    plans: Sequence[Plan], at_work: Sequence[Renewal], now: datetime
) -> RenewalSentence:
    """Pure: what somebody has to see to, the worst first, else what comes next."""
    match most_urgent(plans, at_work):
        case Plan() as plan:
            where = _in_words(plan.endpoints)
            sentence = f"Nobody renews the certificate of {where}. {plan.trouble}"
            return RenewalSentence("attention", sentence, RENEWALS, "What to do", plan)
        case Renewal() as renewal:
            return _trouble(renewal, plans, now)
    return _what_comes_next(plans, at_work, now)


def _trouble(renewal: Renewal, plans: Sequence[Plan], now: datetime) -> RenewalSentence:
    what = "request" if renewal.wanted.certificate is None else "renewal"
    if renewal.waits_for_agreement:
        waits, label = "waits for your answer", "Answer"
    elif renewal.waits_for_answer:
        waits, label = "waits for the signed answer", "What to do"
    else:
        waits = f"failed, and is tried again {again_text(renewal.again_at, now)}"
        label = "What went wrong"
    sentence = f"The {what} for {subject_of(renewal, plans)} {waits}."
    address, plan = story_address(renewal.id), plan_of(renewal, plans)
    return RenewalSentence("attention", sentence, address, label, plan)


def again_text(
    moment: datetime | None,
    now: datetime,
    told: Callable[[datetime, datetime], str] = soon_text,
) -> str:
    """When something that waits goes on, as `told` says it of what is to come."""
    return "in a moment" if moment is None or moment <= now else told(moment, now)


def _what_comes_next(
    plans: Sequence[Plan], at_work: Sequence[Renewal], now: datetime
) -> RenewalSentence:
    for one in at_work:
        if one.state is RenewalState.WORKING:
            sentence = f"The renewal for {subject_of(one, plans)} is under way."
            return RenewalSentence("running", sentence, story_address(one.id), "Watch it")
    coming = [one for one in plans if one.outlook in {Outlook.PLANNED, Outlook.DUE}]
    if coming:
        first = coming[0]
        when = again_text(first.moment.at, now)
        sentence = f"Next renewal: {places_text(first.endpoints)}, {when}, by itself."
    elif at_work:
        when = again_text(at_work[0].again_at, now)
        sentence = f"The renewal for {subject_of(at_work[0], plans)} goes on {when}."
    else:
        sentence = "No renewal is planned."
    return RenewalSentence("good", sentence, RENEWALS, "All renewals")
