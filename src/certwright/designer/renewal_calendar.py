"""The calendar of renewals."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from certwright.designer.calendar_entries import entries_of_ended, entries_of_plan
from certwright.designer.calendar_months import draw_months, moments_of, month_after
from certwright.designer.pages import Pages
from certwright.designer.renewal_wording import RENEWALS
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.lifecycle.renewal.asking import what_would_happen
from certwright.lifecycle.renewal.record import ended_renewals
from certwright.lifecycle.server import Server

_MONTHS = 3
_MOST_ENDED = 500
_Month = Annotated[str, Query(alias="from", pattern=r"^([12][0-9]{3}-(0[1-9]|1[0-2]))?$")]


def renewal_calendar_router(server: Server) -> APIRouter:
    """`/renewals/calendar`, from this month on or from the one that is asked for."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    @router.get(f"{RENEWALS}/calendar")
    def show_calendar(
        visitor: Annotated[Visitor, Depends(door.visitor)], month: _Month = ""
    ) -> Response:
        now = server.now()
        this_month = now.date().replace(day=1)
        first = date.fromisoformat(f"{month}-01") if month else this_month
        start, end = moments_of(first, _MONTHS)
        plans = what_would_happen(server)
        with server.database.connect() as connection:
            ended = ended_renewals(connection, _MOST_ENDED, start, end)
        entries = [entry for plan in plans for entry in entries_of_plan(plan, start, end, now)]
        entries += entries_of_ended(ended, plans, now)
        return pages.show(
            "renewal_calendar.html",
            visitor,
            months=draw_months(entries, first, _MONTHS, now.date()),
            earlier=_address(month_after(first, -_MONTHS)),
            later=_address(month_after(first, _MONTHS)),
            this_month=None if first == this_month else _address(this_month),
            uses_certificates=bool(plans),
        )

    return router


def _address(first: date) -> str:
    return f"{RENEWALS}/calendar?from={first:%Y-%m}"
