"""Renewals: what waits for an answer, what is under way, what comes next, what was done lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from certwright.authorities.by_hand_requests import get_request
from certwright.database.engine import reading
from certwright.designer.pages import Pages
from certwright.designer.renewal_lines import (
    PlanLine,
    RenewalLine,
    plan_line,
    renewal_line,
)
from certwright.designer.renewal_wording import renewal_sentence
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.lifecycle.renewal.asking import activations_of, what_would_happen
from certwright.lifecycle.renewal.due import Outlook, Plan
from certwright.lifecycle.renewal.obtaining import lost_by
from certwright.lifecycle.renewal.record import (
    Renewal,
    ended_renewals,
    get_renewal,
    unfinished_renewals,
)
from certwright.lifecycle.renewal.story import has_failed
from certwright.lifecycle.renewal.unused import Unused, unused_and_expiring
from certwright.lifecycle.server import Server

_MOST_ENDED = 10
_Number = Annotated[int, Field(ge=1, lt=2**63)]


@dataclass(frozen=True)
class RenewalLists:
    """The lines of the page, each in the list where somebody looks for it."""

    asking: tuple[RenewalLine, ...]
    failed: tuple[RenewalLine, ...]
    under_way: tuple[RenewalLine, ...]
    left_alone: tuple[PlanLine, ...]
    unused: tuple[Unused, ...]
    coming: tuple[PlanLine, ...]
    ended: tuple[RenewalLine, ...]


def renewals_router(server: Server) -> APIRouter:
    """`/renewals`, and of each that people sign by hand what is to be signed."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    @router.get("/renewals")
    def show_renewals(visitor: Annotated[Visitor, Depends(door.visitor)]) -> Response:
        plans, now = what_would_happen(server), server.now()
        with reading(server.database) as connection:
            at_work = unfinished_renewals(connection)
        return pages.show(
            "renewals.html",
            visitor,
            state=renewal_sentence(plans, at_work, now),
            lists=_lists(server, plans, at_work),
            may_begin=visitor.may_import,
        )

    @router.get("/renewals/{number}/signing-request", dependencies=[Depends(door.visitor)])
    def download_signing_request(number: _Number) -> Response:
        with reading(server.database) as connection:
            identifier = get_renewal(connection, number).memory.get("request", "")
            request = get_request(connection, identifier)
        return Response(
            request.signing_request_pem,
            media_type="application/pkcs10",  # RFC 5967
            headers={"Content-Disposition": f'attachment; filename="{request.id}.csr"'},
        )

    return router


def needs_somebody(renewal: Renewal) -> bool:
    """Whether it waits for people: for an agreement, or for what somebody signs."""
    return renewal.waits_for_agreement or renewal.waits_for_answer


def _lists(server: Server, plans: Sequence[Plan], at_work: Sequence[Renewal]) -> RenewalLists:
    now = server.now()
    with server.database.connect() as connection:
        lost = {
            one.id: lost_by(server, connection, one) for one in at_work if one.waits_for_agreement
        }
        ended = ended_renewals(connection, _MOST_ENDED)
        unused = unused_and_expiring(server, connection)
    coming = [
        plan_line(one, activations_of(server, one), now)
        for one in plans
        if one.outlook is not Outlook.AT_WORK
    ]
    lines = [renewal_line(one, plans, now, lost.get(one.id, ())) for one in at_work]
    return RenewalLists(
        asking=tuple(one for one in lines if needs_somebody(one.renewal)),
        failed=tuple(one for one in lines if has_failed(one.renewal)),
        under_way=tuple(
            one for one in lines if not (needs_somebody(one.renewal) or has_failed(one.renewal))
        ),
        left_alone=tuple(one for one in coming if one.trouble),
        unused=unused,
        coming=tuple(one for one in coming if not one.trouble),
        ended=tuple(renewal_line(one, plans, now) for one in ended),
    )
