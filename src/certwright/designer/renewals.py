"""Renewals: what waits for an answer, what is under way, what comes next, what was done lately."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlalchemy import Connection

from certwright.designer.pages import Pages
from certwright.designer.renewal_lines import (
    PlanLine,
    RenewalLine,
    plan_line,
    renewal_line,
)
from certwright.designer.renewal_wording import is_asking, renewal_sentence
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.lifecycle.renewal.asking import activations_of
from certwright.lifecycle.renewal.due import Outlook, Plan
from certwright.lifecycle.renewal.obtaining import lost_by
from certwright.lifecycle.renewal.record import (
    Renewal,
    RenewalState,
    ended_renewals,
    latest_renewal_of,
)
from certwright.lifecycle.renewal.story import has_failed
from certwright.lifecycle.renewal.summary import Summary, summary_of
from certwright.lifecycle.server import Server

_MOST_ENDED = 10


@dataclass(frozen=True)
class RenewalLists:
    """The lines of the page, each in the list where somebody looks for it."""

    asking: tuple[RenewalLine, ...]
    failed: tuple[RenewalLine, ...]
    under_way: tuple[RenewalLine, ...]
    left_alone: tuple[PlanLine, ...]
    coming: tuple[PlanLine, ...]
    ended: tuple[RenewalLine, ...]


def renewals_router(server: Server) -> APIRouter:
    """`/renewals`."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    @router.get("/renewals")
    def show_renewals(visitor: Annotated[Visitor, Depends(door.visitor)]) -> Response:
        renewing, now = summary_of(server), server.now()
        return pages.show(
            "renewals.html",
            visitor,
            state=renewal_sentence(renewing.in_order, renewing.at_work, now),
            lists=_lists(server, renewing),
            may_begin=visitor.may_import,
        )

    return router


def needs_somebody(renewal: Renewal) -> bool:
    """Whether it waits for people: for an agreement, or for what somebody signs."""
    return is_asking(renewal) or renewal.waits_for_answer


def _lists(server: Server, renewing: Summary) -> RenewalLists:
    now, plans = server.now(), renewing.in_order
    with server.database.connect() as connection:
        lost = {
            one.id: lost_by(server, connection, one) for one in renewing.at_work if is_asking(one)
        }
        coming = [
            _plan_line(server, connection, one)
            for one in plans
            if one.outlook is not Outlook.AT_WORK
        ]
        ended = ended_renewals(connection, _MOST_ENDED)
    lines = [renewal_line(one, plans, now, lost.get(one.id, ())) for one in renewing.at_work]
    return RenewalLists(
        asking=tuple(one for one in lines if needs_somebody(one.renewal)),
        failed=tuple(one for one in lines if has_failed(one.renewal)),
        under_way=tuple(
            one for one in lines if not (needs_somebody(one.renewal) or has_failed(one.renewal))
        ),
        left_alone=tuple(one for one in coming if one.trouble),
        coming=tuple(one for one in coming if not one.trouble),
        ended=tuple(renewal_line(one, plans, now) for one in ended),
    )


def _plan_line(server: Server, connection: Connection, plan: Plan) -> PlanLine:
    latest = latest_renewal_of(connection, plan.certificate.fingerprint)
    declined = latest if latest and latest.state is RenewalState.DECLINED else None
    return plan_line(plan, activations_of(server, plan), declined, server.now())
