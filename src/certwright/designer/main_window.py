"""The main window: is everything served right, until when, and if not, what to press."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from certwright.database.engine import reading
from certwright.designer.expiry_bars import ExpiryBars, draw_expiries, horizon
from certwright.designer.pages import Pages
from certwright.designer.renewal_wording import renewal_sentence
from certwright.designer.route import DesignerRoute
from certwright.designer.timeline import Timeline, Validity, draw_timeline
from certwright.designer.visitor import Door, Visitor
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.overview import Overview, overview
from certwright.lifecycle.renewal.due import Outlook, Plan
from certwright.lifecycle.renewal.record import unfinished_renewals
from certwright.lifecycle.server import Server
from certwright.machine.services.kinds import can_be_reset
from certwright.stores.expiries import count_expiries

_EVENTS = 8


def main_window_router(server: Server) -> APIRouter:
    """`/`; what was just done stands at the top: `saved` an endpoint, `added` a service, `done`."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    @router.get("/")
    def show_main_window(
        visitor: Annotated[Visitor, Depends(door.visitor)],
        saved: str = "",
        added: str = "",
        done: str = "",
    ) -> Response:
        state = overview(server)
        with reading(server.database) as connection:
            at_work = unfinished_renewals(connection)
        renewal = renewal_sentence(state.plans, at_work, state.at)
        return pages.show(
            "main_window.html",
            visitor,
            overview=state,
            saved=next((one for one in state.all_endpoints if one.name == saved), None),
            added=next((one for one in state.services if one.service.name == added), None),
            can_be_reset=can_be_reset,
            password_changed=done == "password",
            renewal=renewal,
            is_renewal_said=state.says(renewal.plan),
            timeline=_timeline(state),
            expiries=_expiries(server),
            events=latest_events(server, _EVENTS),
        )

    return router


def _expiries(server: Server) -> ExpiryBars | None:
    today = server.now().date()
    with reading(server.database) as connection:
        return draw_expiries(count_expiries(connection, today, horizon(today)))


def _timeline(state: Overview) -> Timeline | None:
    return draw_timeline(
        [
            Validity(
                title=one.name.label,
                health=one.health,
                not_before=certificate.not_before,
                not_after=certificate.not_after,
                renewed_at=_renewed_at(one.plan),
            )
            for one in state.all_endpoints
            if (certificate := one.active or one.saved) is not None
            and (one.endpoint.active or one.endpoint.saved).protocol.is_encrypted
        ],
        state.at,
    )


def _renewed_at(plan: Plan | None) -> datetime | None:
    is_coming = plan is not None and plan.outlook in {Outlook.PLANNED, Outlook.DUE}
    return plan.moment.at if plan is not None and is_coming else None
