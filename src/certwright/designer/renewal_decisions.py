"""Now, not yet, agree, decline: what somebody presses about a renewal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from certwright.access.rights import Right, require
from certwright.designer.certificate_window_contents import Fingerprint
from certwright.designer.error_pages import status_of
from certwright.designer.pages import Pages, leave_for
from certwright.designer.renewal_lines import renewal_line
from certwright.designer.renewal_story import Number, Stories
from certwright.designer.renewal_wording import RENEWALS, places_text, story_address
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.renewal.asking import postpone_planned, renew, what_would_happen
from certwright.lifecycle.renewal.deciding import (
    agree,
    decline,
    go_on_now,
    latest_postponement,
    latest_start,
    postpone,
)
from certwright.lifecycle.renewal.due import plan_for
from certwright.lifecycle.renewal.preferences import quiet_hours
from certwright.lifecycle.renewal.record import Renewal, get_renewal
from certwright.lifecycle.server import Server
from certwright.stores.database import find_certificate

_LATER = (("a day", timedelta(days=1)), ("a week", timedelta(weeks=1)))
_CHANGED = frozenset({ErrorCode.CHANGED_MEANWHILE, ErrorCode.BUSY})
_LOOK = "Leave this window, and look how it stands now."
_Until = Annotated[str, Form(max_length=40)]


@dataclass(frozen=True)
class _Postponing:
    """What is to wait: whose, from when on, and until when at most, so that something is left."""

    title: str
    begins: datetime
    latest: datetime
    runs_out: bool
    action: str


def renewal_decisions_router(server: Server) -> APIRouter:
    """Below `/renewals/NUMBER`, and below `/renewals/of/FINGERPRINT` for what is only planned."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)
    stories = Stories(server)

    def decide(visitor: Visitor, number: int, take: Callable[[], Renewal]) -> Response:
        try:
            take()
        except CertwrightError as problem:
            told = _as_shown(problem, "Below stands how it is now.")
            return stories.show(visitor, number, problem=told)
        return leave_for(visitor, story_address(number))

    def show_declining(
        visitor: Visitor, number: int, problem: CertwrightError | None = None
    ) -> Response:
        require(visitor.caller, Right.MODIFY, "decline a renewal")
        with server.database.connect() as connection:
            renewal = get_renewal(connection, number)
        return pages.show(
            "decline.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            line=renewal_line(renewal, what_would_happen(server), server.now()),
        )

    def show_postponing(
        visitor: Visitor, wanted: _Postponing, problem: CertwrightError | None = None
    ) -> Response:
        require(visitor.caller, Right.MODIFY, "postpone a renewal")
        begins = max(wanted.begins, server.now())
        return pages.show(
            "postpone.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            wanted=wanted,
            choices=[
                (title, begins + length)
                for title, length in _LATER
                if begins + length <= wanted.latest
            ],
            can_wait=begins < wanted.latest,
            begins=begins,
        )

    @router.post("/renewals/{number}/now")
    def hurry(number: Number, visitor: Annotated[Visitor, Depends(door.sender)]) -> Response:
        return decide(visitor, number, lambda: go_on_now(server, number, caller=visitor.caller))

    @router.post("/renewals/{number}/agree")
    def agree_to(number: Number, visitor: Annotated[Visitor, Depends(door.sender)]) -> Response:
        return decide(visitor, number, lambda: agree(server, number, caller=visitor.caller))

    @router.get("/renewals/{number}/decline")
    def ask_whether(number: Number, visitor: Annotated[Visitor, Depends(door.visitor)]) -> Response:
        return show_declining(visitor, number)

    @router.post("/renewals/{number}/decline")
    def end(number: Number, visitor: Annotated[Visitor, Depends(door.sender)]) -> Response:
        try:
            decline(server, number, caller=visitor.caller)
        except CertwrightError as problem:
            return show_declining(visitor, number, _as_shown(problem, _LOOK))
        return leave_for(visitor, story_address(number))

    @router.get("/renewals/{number}/postpone")
    def ask_until_when(
        number: Number, visitor: Annotated[Visitor, Depends(door.visitor)]
    ) -> Response:
        return show_postponing(visitor, _of_renewal(server, number))

    @router.post("/renewals/{number}/postpone")
    def put_off(
        number: Number, visitor: Annotated[Visitor, Depends(door.sender)], until: _Until = ""
    ) -> Response:
        try:
            postpone(server, number, read_moment(until), caller=visitor.caller)
        except CertwrightError as problem:
            return show_postponing(visitor, _of_renewal(server, number), _as_shown(problem, _LOOK))
        return leave_for(visitor, story_address(number))

    @router.post("/renewals/of/{fingerprint}/now")
    def begin(
        fingerprint: Fingerprint, visitor: Annotated[Visitor, Depends(door.sender)]
    ) -> Response:
        begun = renew(server, fingerprint, caller=visitor.caller)
        return leave_for(visitor, story_address(begun.id))

    @router.get("/renewals/of/{fingerprint}/postpone")
    def ask_until_when_planned(
        fingerprint: Fingerprint, visitor: Annotated[Visitor, Depends(door.visitor)]
    ) -> Response:
        return show_postponing(visitor, _of_plan(server, fingerprint))

    @router.post("/renewals/of/{fingerprint}/postpone")
    def put_off_planned(
        fingerprint: Fingerprint,
        visitor: Annotated[Visitor, Depends(door.sender)],
        until: _Until = "",
    ) -> Response:
        try:
            begun = postpone_planned(server, fingerprint, read_moment(until), caller=visitor.caller)
        except CertwrightError as problem:
            return show_postponing(
                visitor, _of_plan(server, fingerprint), _as_shown(problem, _LOOK)
            )
        return leave_for(visitor, story_address(begun.id))

    return router


def read_moment(text: str) -> datetime:
    """What a field for date and time sends, which is UTC; raises INVALID_INPUT."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "That is no date and time.",
            "Choose one of those offered, or a date and a time of day.",
        ) from None


def _of_renewal(server: Server, number: int) -> _Postponing:
    now = server.now()
    with server.database.connect() as connection:
        renewal = get_renewal(connection, number)
        latest = latest_postponement(connection, renewal, now)
    line = renewal_line(renewal, what_would_happen(server), now)
    return _Postponing(
        title=line.title,
        begins=now,
        latest=latest,
        runs_out=renewal.wanted.certificate is not None,
        action=f"{story_address(number)}/postpone",
    )


def _of_plan(server: Server, fingerprint: str) -> _Postponing:
    with server.database.connect() as connection:
        stored = find_certificate(connection, fingerprint)
        plan = plan_for(server, connection, stored, quiet_hours(connection, server.zone))
    return _Postponing(
        title=places_text(plan.endpoints),
        begins=plan.moment.at,
        latest=latest_start(stored.certificate),
        runs_out=True,
        action=f"{RENEWALS}/of/{fingerprint}/postpone",
    )


def _as_shown(problem: CertwrightError, remedy: str) -> CertwrightError:
    """What changed meanwhile is looked at in the Designer, not by a command."""
    if problem.code not in _CHANGED:
        return problem
    return CertwrightError(problem.code, problem.message, remedy)
