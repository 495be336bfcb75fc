"""Logging in and out."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from certwright.access.log_in import log_in
from certwright.access.sessions import end_session
from certwright.designer.error_pages import status_of
from certwright.designer.route import DesignerRoute
from certwright.designer.security import client_address, is_own_path
from certwright.designer.templates import render
from certwright.designer.visitor import (
    Door,
    NotLoggedIn,
    Visitor,
    hand_out_cookie,
    require_own_page,
    take_back_cookie,
)
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.server import Server

_SEE_OTHER = 303


def log_in_router(server: Server) -> APIRouter:
    """`/log-in` and `/log-out`."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)

    def show(
        *, status: int = 200, problem: CertwrightError | None = None, name: str = "", then: str = ""
    ) -> Response:
        return render(
            "log_in.html",
            status=status,
            problem=problem,
            name=name,
            then=then,
            server_name=server.name,
            visitor=None,
        )

    def tell(kind: str, actor: str, message: str, *, good: bool) -> None:
        with server.database.begin() as connection:
            record_event(
                connection, Event(server.now(), actor, kind, "designer", message, good=good)
            )

    @router.get("/log-in")
    def show_log_in(request: Request, then: str = "") -> Response:
        try:
            door.visitor(request)
        except NotLoggedIn:
            return show(then=then)
        return RedirectResponse("/", status_code=_SEE_OTHER)

    @router.post("/log-in")
    def take_log_in(
        request: Request,
        name: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        then: Annotated[str, Form()] = "",
    ) -> Response:
        require_own_page(request)
        address = client_address(request.headers)
        try:
            begun = log_in(
                server.database, name, password, address, server.now(), secrets.token_bytes
            )
        except CertwrightError as problem:
            if problem.code is ErrorCode.NOT_AUTHENTICATED:  # not one that is locked out anyway
                tell("log-in-refused", "somebody", f"Wrong log-in from {address}", good=False)
            return show(status=status_of(problem), problem=problem, name=name, then=then)
        user = begun.session.user
        tell("logged-in", user, f"{user} logged in from {address}", good=True)
        response = RedirectResponse(then if is_own_path(then) else "/", status_code=_SEE_OTHER)
        hand_out_cookie(response, begun)
        return response

    @router.post("/log-out")
    def log_out(visitor: Annotated[Visitor, Depends(door.sender)]) -> Response:
        end_session(server.database, visitor.token)
        response = RedirectResponse("/log-in", status_code=_SEE_OTHER)
        take_back_cookie(response)
        return response

    return router
