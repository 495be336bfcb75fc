"""How renewals stand, in one sentence: what somebody has to see to, else what happens next."""

from collections.abc import Sequence

from certwright.lifecycle.renewal.by_hand import steps_by_hand
from certwright.lifecycle.renewal.due import Outlook, Plan
from certwright.lifecycle.renewal.record import Renewal
from certwright.lifecycle.renewal.urgency import most_urgent
from certwright.x509.text import day


def sentence_of(plans: Sequence[Plan], at_work: Sequence[Renewal]) -> str:
    """Pure: the worst first."""
    match most_urgent(plans, at_work):
        case Plan() as plan:
            where = " and ".join(endpoint.name.label for endpoint in plan.endpoints)
            return f"{where}: {plan.moment.reason}"
        case Renewal() as renewal:
            return _trouble(renewal)
    if at_work:
        numbers = ", ".join(str(one.id) for one in at_work)
        return f"At work: renewal {numbers}."
    planned = [plan for plan in plans if plan.outlook is Outlook.PLANNED]
    if not planned:
        return "No renewal is planned."
    return f"The next renewal is on {day(planned[0].moment.at)}, by {planned[0].authority}."


def _trouble(renewal: Renewal) -> str:
    number = renewal.id
    if renewal.waits_for_agreement:
        return f"Renewal {number} waits for somebody's agreement: certwright renewals show {number}"
    if renewal.waits_for_answer:
        return f"Renewal {number} waits for the signed answer. {steps_by_hand(renewal)}"
    return f"Renewal {number} was put off. {renewal.sentence}"
