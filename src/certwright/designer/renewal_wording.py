"""How renewals are told in the Designer: where, when, and the one sentence for all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from certwright.designer.dates import soon_text
from certwright.lifecycle.renewal.due import Outlook, Plan
from certwright.lifecycle.renewal.record import Renewal, RenewalState
from certwright.lifecycle.renewal.story import has_failed
from certwright.services.endpoints import Endpoint, OwnEndpoint
from certwright.x509.text import listed

RENEWALS = "/renewals"
_MOST_PLACES = 3


@dataclass(frozen=True)
class RenewalSentence:
    """How renewals stand at a glance, and where more of it is told.

    `health` is attention where somebody has to see to it.
    """

    health: str
    sentence: str
    address: str
    label: str


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
    for plan in plans:
        if plan.certificate.fingerprint in (renewal.wanted.certificate, renewal.issued):
            return _in_words(plan.endpoints)
    return listed(tuple(name.display for name in renewal.wanted.names), 2)


def renewal_sentence(
    plans: Sequence[Plan], at_work: Sequence[Renewal], now: datetime
) -> RenewalSentence:
    """Pure: what somebody has to see to, the worst first, else what comes next."""
    for one in at_work:
        if one.waits_for_agreement:
            return _attention(
                f"The renewal for {subject_of(one, plans)} waits for your answer.",
                story_address(one.id),
                "Answer",
            )
    for one in at_work:
        if has_failed(one):
            what = "request" if one.wanted.certificate is None else "renewal"
            return _attention(
                f"The {what} for {subject_of(one, plans)} failed, and is tried again "
                f"{again_text(one.again_at, now)}.",
                story_address(one.id),
                "What went wrong",
            )
    for plan in plans:
        if plan.is_left_alone:
            where = _in_words(plan.endpoints)
            sentence = f"Nobody renews the certificate of {where}. {plan.trouble}"
            return _attention(sentence, RENEWALS, "What to do")
    for one in at_work:
        if one.waits_for_answer:
            what = f"The renewal for {subject_of(one, plans)} waits for the signed answer."
            return _attention(what, story_address(one.id), "What to do")
    return _what_comes_next(plans, at_work, now)


def again_text(moment: datetime | None, now: datetime) -> str:
    """When something that waits goes on."""
    return "in a moment" if moment is None or moment <= now else soon_text(moment, now)


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


def _attention(sentence: str, address: str, label: str) -> RenewalSentence:
    return RenewalSentence("attention", sentence, address, label)
