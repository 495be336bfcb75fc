"""How renewals stand, in one sentence: what somebody has to see to, else what happens next."""

from collections.abc import Sequence
from dataclasses import dataclass

from certwright.lifecycle.renewal.asking import what_would_happen
from certwright.lifecycle.renewal.due import Outlook, Plan
from certwright.lifecycle.renewal.record import Renewal, RenewalState, unfinished_renewals
from certwright.lifecycle.renewal.story import has_failed
from certwright.lifecycle.server import Server
from certwright.services.endpoints import EndpointName
from certwright.x509.text import day


@dataclass(frozen=True)
class Summary:
    """The plan for each endpoint that uses a certificate, what is at work, and the sentence.

    `in_order` has each plan once, the next to happen first.
    """

    plans: dict[EndpointName, Plan]
    in_order: tuple[Plan, ...]
    at_work: tuple[Renewal, ...]
    sentence: str


def summary_of(server: Server) -> Summary:
    """Look at all endpoints and renewals as recorded."""
    plans = what_would_happen(server)
    with server.database.connect() as connection:
        at_work = unfinished_renewals(connection)
    by_endpoint = {endpoint.name: plan for plan in plans for endpoint in plan.endpoints}
    return Summary(by_endpoint, plans, at_work, sentence_of(plans, at_work))


def sentence_of(plans: Sequence[Plan], at_work: Sequence[Renewal]) -> str:
    """Pure: the worst first."""
    for one in at_work:
        if one.state is RenewalState.ASKING and not one.agreed:
            return (
                f"Renewal {one.id} waits for somebody's agreement: "
                f"certwright renewals show {one.id}"
            )
    for one in at_work:
        if has_failed(one):
            return f"Renewal {one.id} was put off. {one.sentence}"
    for plan in plans:
        if plan.outlook is Outlook.NOBODY:
            where = " and ".join(endpoint.name.in_words for endpoint in plan.endpoints)
            return f"Nobody renews the certificate of {where}. {plan.moment.reason}"
    if at_work:
        numbers = ", ".join(str(one.id) for one in at_work)
        return f"At work: renewal {numbers}."
    planned = [plan for plan in plans if plan.outlook is Outlook.PLANNED]
    if not planned:
        return "No renewal is planned."
    return f"The next renewal is on {day(planned[0].moment.at)}, by {planned[0].authority}."
