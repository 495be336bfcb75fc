"""Changing one's own password."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from certwright.access.log_in import log_in
from certwright.access.sessions import NewSession
from certwright.access.users import set_password
from certwright.designer.error_pages import status_of
from certwright.designer.pages import Pages, leave_for
from certwright.designer.route import DesignerRoute
from certwright.designer.security import client_address
from certwright.designer.visitor import Door, Visitor, hand_out_cookie
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.server import Server


def password_router(server: Server) -> APIRouter:
    """`/password`."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    @router.get("/password")
    def show_password(visitor: Annotated[Visitor, Depends(door.visitor)]) -> Response:
        return pages.show("password.html", visitor, problem=None)

    @router.post("/password")
    def change_password(
        request: Request,
        visitor: Annotated[Visitor, Depends(door.sender)],
        current: Annotated[str, Form()] = "",
        new: Annotated[str, Form()] = "",
        repeated: Annotated[str, Form()] = "",
    ) -> Response:
        user = visitor.session.user
        address = client_address(request.headers)

        def log_in_with(password: str) -> NewSession:
            return log_in(
                server.database, user, password, address, server.now(), secrets.token_bytes
            )

        try:
            require_same(new, repeated)
            _require_current(log_in_with, current)
            with server.database.begin() as connection:
                set_password(connection, user, new)
                record_event(connection, _changed(user, server.now()))
            begun = log_in_with(new)
        except CertwrightError as problem:
            return pages.show("password.html", visitor, status=status_of(problem), problem=problem)
        response = leave_for(visitor, "/?done=password")
        hand_out_cookie(response, begun)
        return response

    return router


def require_same(new: str, repeated: str) -> None:
    """Raise INVALID_INPUT for a password that was not typed twice alike."""
    if new != repeated:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "The password and its repetition differ.",
            "Type the same password twice.",
        )


def _require_current(log_in_with: Callable[[str], NewSession], password: str) -> None:
    # By way of the log-in, so that guessing here is bounded by the same lock-out.
    try:
        log_in_with(password)
    except CertwrightError as error:
        if error.code is not ErrorCode.NOT_AUTHENTICATED:
            raise
        raise CertwrightError(
            ErrorCode.NOT_AUTHENTICATED,
            "The current password is wrong.",
            "Try again; another user with the right admin can give you a new password.",
        ) from None


def _changed(user: str, now: datetime) -> Event:
    return Event(
        at=now,
        actor=user,
        kind="password-changed",
        subject=user,
        message=f"{user} changed the password",
        good=True,
    )
