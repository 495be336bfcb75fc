"""Who looks at a page, told by the session cookie, and what she may do there."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Form, Request, Response

from certwright.access.rights import Caller, Right
from certwright.access.sessions import NewSession, Session, find_session, is_form_token
from certwright.designer.security import is_own_page
from certwright.errors import CertwrightError, ErrorCode
from certwright.front.session_cookie import COOKIE
from certwright.lifecycle.server import Server


class NotLoggedIn(Exception):  # noqa: N818 - not an error: the way to the log-in page
    """Nobody is logged in, or the session has ended."""


@dataclass(frozen=True)
class Visitor:
    """Somebody who is logged in, at one page."""

    session: Session
    token: str = field(repr=False)
    in_window: bool
    """Whether the page is to stand in a window over the one she is at, not by itself."""

    @property
    def caller(self) -> Caller:
        """As whom she acts."""
        return self.session.caller

    @property
    def may_modify(self) -> bool:
        """Whether she may select and activate."""
        return self.session.right >= Right.MODIFY

    @property
    def may_import(self) -> bool:
        """Whether she may bring certificates."""
        return self.session.right >= Right.CREATE

    @property
    def may_administer(self) -> bool:
        """Whether she may take on services and authorities."""
        return self.session.right >= Right.ADMIN


class Door:
    """Lets in who is logged in; its methods are dependencies of the routes."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def visitor(self, request: Request) -> Visitor:
        """For pages that only show. Raises NotLoggedIn."""
        token = request.cookies.get(COOKIE, "")
        session = find_session(self._server.database, token, self._server.now()) if token else None
        if session is None:
            raise NotLoggedIn
        return Visitor(session, token, is_for_window(request))

    def sender(self, request: Request, form_token: Annotated[str, Form()] = "") -> Visitor:
        """For forms. Raises NotLoggedIn, or NOT_PERMITTED if the form is not of our own pages."""
        require_own_page(request)
        visitor = self.visitor(request)
        if not is_form_token(visitor.session, form_token):
            raise _foreign_form()
        return visitor


def require_own_page(request: Request) -> None:
    """Raise NOT_PERMITTED for a form that another site's page sends."""
    if not is_own_page(request.headers):
        raise _foreign_form()


def is_for_window(request: Request) -> bool:
    """Whether designer.js asks for the page, to show it in a window."""
    return request.headers.get("hx-request") == "true"


def hand_out_cookie(response: Response, begun: NewSession) -> None:
    """Let the browser keep the session until it is closed; the session itself ends earlier."""
    response.set_cookie(
        COOKIE, begun.token, path="/", secure=True, httponly=True, samesite="strict"
    )


def take_back_cookie(response: Response) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")


def _foreign_form() -> CertwrightError:
    return CertwrightError(
        ErrorCode.NOT_PERMITTED,
        "The form did not come from a page of this session, so nothing was changed.",
        "Open the page again and send the form from there.",
    )
