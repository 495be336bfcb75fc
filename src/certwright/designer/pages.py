"""Pages for somebody who is logged in, in the frame that all of them share."""

from typing import Any

from fastapi import Response
from fastapi.responses import RedirectResponse

from certwright.designer.templates import render
from certwright.designer.visitor import Visitor
from certwright.lifecycle.server import Server

_SEE_OTHER = 303


class Pages:
    """Renders templates with what the frame needs: the server, the time, the visitor."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def show(
        self, template: str, visitor: Visitor, *, status: int = 200, **values: Any
    ) -> Response:
        """A page of its own, or, where it is asked for so, a window over another page."""
        frame = {
            "layout": "window_dialog.html" if visitor.in_window else "window_page.html",
            "now": self._server.now(),
            "server_name": self._server.name,
            "version": self._server.version,
            "visitor": visitor,
        }
        return render(template, status=status, **(frame | values))


def leave_for(visitor: Visitor, address: str) -> Response:
    """Go to another page as a whole, closing the windows over this one."""
    if visitor.in_window:
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=_SEE_OTHER)


def go_on_to(address: str) -> Response:
    """Go on in the same window, or, without windows, to that page."""
    return RedirectResponse(address, status_code=_SEE_OTHER)
