"""What the page Renewals tells of each renewal and of each certificate in use. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from certwright.designer.dates import minute_text
from certwright.designer.renewal_wording import (
    again_text,
    places_text,
    story_address,
)
from certwright.lifecycle.renewal.asking import Activation
from certwright.lifecycle.renewal.by_hand import commands_by_hand
from certwright.lifecycle.renewal.due import Outlook, Plan, names_of, request_instead
from certwright.lifecycle.renewal.record import WINDOW, Renewal, RenewalState
from certwright.lifecycle.renewal.story import has_failed, next_of, words_of, would_ask
from certwright.x509.text import listed

_MOST_NAMES = 3


@dataclass(frozen=True)
class RenewalLine:
    """A renewal: whose, how it stands, what comes next, and what can be pressed.

    `words` are those of whoever refused or decided, `losses` what somebody is to agree to.
    `command` is what has to be run elsewhere, one a line, "" for nothing.
    """

    renewal: Renewal
    title: str
    names: str
    health: str
    state: str
    words: str
    losses: tuple[str, ...]
    follows: str
    command: str
    served_until: datetime | None

    @property
    def address(self) -> str:
        """Where its story is."""
        return story_address(self.renewal.id)

    @property
    def heading(self) -> str:
        """The title of its story."""
        wanted = self.renewal.wanted
        if wanted.rehearsed_at is not None:
            return self.title
        return f"{'Request' if wanted.certificate is None else 'Renewal'}: {self.title}"

    @property
    def can_be_decided(self) -> bool:
        """Whether it waits for somebody to agree."""
        return self.renewal.waits_for_agreement

    @property
    def can_go_on_now(self) -> bool:
        """Whether *Now* does anything."""
        return self.renewal.state is RenewalState.WAITING and self.renewal.again_at is not None

    @property
    def can_wait(self) -> bool:
        """Whether *Not yet* is offered."""
        return self.renewal.state is RenewalState.WAITING and self.renewal.again_at is not None

    @property
    def can_be_declined(self) -> bool:
        """Whether it can be ended."""
        return not self.renewal.state.is_over


@dataclass(frozen=True)
class PlanLine:
    """A certificate in use whose renewal has not begun: when, why then, and where it goes.

    `trouble` says why nothing happens by itself, "" where it does; `command` mends that.
    """

    plan: Plan
    title: str
    when: str
    why: str
    activations: tuple[str, ...]
    trouble: str
    command: str

    @property
    def fingerprint(self) -> str:
        """Of the certificate in use."""
        return self.plan.certificate.fingerprint

    @property
    def can_wait(self) -> bool:
        """Whether *Not yet* is offered."""
        return self.plan.outlook in {Outlook.PLANNED, Outlook.DUE}

    @property
    def can_begin(self) -> bool:
        """Whether *Now* is offered."""
        return self.plan.outlook is not Outlook.NOBODY


def renewal_line(
    renewal: Renewal, plans: Sequence[Plan], now: datetime, losses: tuple[str, ...] = ()
) -> RenewalLine:
    """How `renewal` is told; `plans` say which endpoints it is for."""
    plan = next((one for one in plans if _concerns(one, renewal)), None)
    health, state = standing(renewal)
    names = listed(tuple(name.display for name in renewal.wanted.names), _MOST_NAMES)
    is_served = plan is not None and all(one.is_proven for one in plan.endpoints)
    follows, command = what_follows(renewal, now, is_former_served=is_served)
    return RenewalLine(
        renewal=renewal,
        title=_title(renewal, plan, names),
        names=names,
        health=health,
        state=state,
        words="" if losses else words_of(renewal),
        losses=losses,
        follows=follows,
        command=command,
        served_until=plan.certificate.not_after if plan is not None and is_served else None,
    )


def plan_line(plan: Plan, activations: Sequence[Activation], now: datetime) -> PlanLine:
    """How `plan` is told."""
    trouble, command = _trouble(plan)
    return PlanLine(
        plan=plan,
        title=places_text(plan.endpoints),
        when=again_text(plan.moment.at, now),
        why=plan.moment.reason,
        activations=tuple(
            f"{one.endpoint.name.label}: activated {again_text(one.at, now)}, "
            f"in its maintenance window ({one.endpoint.renewal.window})"
            for one in activations
            if one.endpoint.renewal.window
        ),
        trouble=trouble,
        command=command,
    )


def standing(renewal: Renewal) -> tuple[str, str]:
    """Its health, for colour and icon, and the words beside it."""
    is_rehearsal = renewal.wanted.rehearsed_at is not None
    match renewal.state:
        case RenewalState.ASKING if renewal.waits_for_agreement:
            return "attention", "Waits for your answer"
        case RenewalState.WORKING | RenewalState.ASKING:
            return "running", "Under way"
        case RenewalState.WAITING if has_failed(renewal):
            return "attention", "Failed, and tried again"
        case RenewalState.WAITING if renewal.waits_for_answer:
            return "attention", "Waits for the signed answer"
        case RenewalState.WAITING if renewal.waits_for_nodes:
            return "running", "Waits for another node"
        case RenewalState.WAITING if waits_for_window(renewal):
            return "running", "Waits for its maintenance window"
        case RenewalState.WAITING:
            return "running", "Waits"
        case RenewalState.DONE:
            return "good", "It would succeed" if is_rehearsal else "Done"
        case RenewalState.DECLINED:
            return "running", "Declined"
        case RenewalState.OBSOLETE:
            return "running", "No longer needed"
        case RenewalState.FAILED if would_ask(renewal):
            return "attention", "It would wait for your agreement"
        case RenewalState.FAILED:
            return "broken", "It would fail"


def what_follows(renewal: Renewal, now: datetime, *, is_former_served: bool) -> tuple[str, str]:
    """What happens next and when, and the commands that somebody has to run, if any."""
    if renewal.waits_for_agreement:
        meanwhile = "The former certificate is served" if is_former_served else "Nothing changes"
        return f"{meanwhile} until you answer.", ""
    if renewal.state is not RenewalState.WAITING:
        return next_of(renewal).sentence, ""
    if renewal.waits_for_nodes:
        return next_of(renewal).sentence, ""
    if renewal.again_at is None:
        sentence = "It goes on as soon as the signed certificate is brought."
        return sentence, "\n".join(commands_by_hand(renewal))
    when = again_text(renewal.again_at, now, minute_text)
    if has_failed(renewal):
        tried = "once" if renewal.attempts == 1 else f"{renewal.attempts} times"
        meanwhile = "; the former one is served" if is_former_served else ""
        return f"Tried {tried}. It is tried again {when}{meanwhile}.", ""
    if waits_for_window(renewal):
        return f"It is activated {when}, when the maintenance window opens.", ""
    return f"It goes on {when}, by itself.", ""


def waits_for_window(renewal: Renewal) -> bool:
    """Whether the new certificate is ready and its hour has not come."""
    is_waiting = renewal.state is RenewalState.WAITING
    return is_waiting and bool(renewal.steps) and renewal.steps[-1].name == WINDOW


def next_one(plans: Sequence[Plan], renewal: Renewal, now: datetime) -> str:
    """When what a renewal brought is renewed itself, "" where that is not planned."""
    for plan in plans:
        if plan.certificate.fingerprint == renewal.issued and plan.outlook is Outlook.PLANNED:
            return f"The next renewal: {again_text(plan.moment.at, now)}, by itself."
    return ""


def _concerns(plan: Plan, renewal: Renewal) -> bool:
    return plan.certificate.fingerprint in (renewal.wanted.certificate, renewal.issued)


def _title(renewal: Renewal, plan: Plan | None, names: str) -> str:
    if renewal.wanted.rehearsed_at is not None:
        return f"Rehearsal at {renewal.wanted.rehearsed_at.in_words}"
    return places_text(plan.endpoints) if plan is not None else names


def _trouble(plan: Plan) -> tuple[str, str]:
    match plan.outlook:
        case Outlook.NOBODY if not names_of(plan.certificate):
            return f"Nobody renews it. {plan.trouble} {request_instead(plan)}", ""
        case Outlook.NOBODY:
            return (
                "Nobody renews it: its authority is not known here. Select a certificate of one "
                "that is, or name the authority that is to issue the next one:",
                f"certwright settings set {plan.endpoints[0].name}.authority internal",
            )
        case Outlook.DECLINED:
            return f"{plan.trouble} It is not renewed by itself any more.", ""
    return "", ""
