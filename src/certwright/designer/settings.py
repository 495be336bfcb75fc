"""Server > Settings: a tab for each endpoint with port, protocol and certificate."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from certwright.access.rights import Right, require
from certwright.designer.error_pages import status_of
from certwright.designer.pages import Pages, go_on_to, leave_for
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError
from certwright.lifecycle.overview import find_overview
from certwright.lifecycle.selection import select_protocol
from certwright.lifecycle.server import Server
from certwright.services.endpoints import OwnEndpoint, WebServerProtocol

_FIRST_TAB = OwnEndpoint.CONFIGURATION_SERVER


def settings_router(server: Server) -> APIRouter:
    """`/settings` and its tabs."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    def show(
        visitor: Visitor, name: OwnEndpoint, problem: CertwrightError | None = None
    ) -> Response:
        return pages.show(
            "settings.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            tabs=tuple(OwnEndpoint),
            protocols=offered_protocols(name),
            ports=server.ports,
            shown=find_overview(server, name),
        )

    @router.get("/settings", dependencies=[Depends(door.visitor)])
    def show_first_tab() -> Response:
        return go_on_to(f"/settings/{_FIRST_TAB}")

    @router.get("/settings/{name}")
    def show_tab(name: OwnEndpoint, visitor: Annotated[Visitor, Depends(door.visitor)]) -> Response:
        return show(visitor, name)

    @router.post("/settings/{name}")
    def save_tab(
        name: OwnEndpoint,
        visitor: Annotated[Visitor, Depends(door.sender)],
        protocol: Annotated[WebServerProtocol, Form()],
        version: Annotated[int, Form()],
    ) -> Response:
        try:
            require(visitor.caller, Right.MODIFY, "change the settings")
            select_protocol(server, name, protocol, read_version=version, caller=visitor.caller)
        except CertwrightError as problem:
            return show(visitor, name, problem)
        return leave_for(visitor, f"/?saved={name}")

    return router


def offered_protocols(name: OwnEndpoint) -> tuple[WebServerProtocol, ...]:
    """What the tab lists; passwords go through the Configuration Server, so HTTPS only there."""
    if name is OwnEndpoint.CONFIGURATION_SERVER:
        return (WebServerProtocol.HTTPS,)
    return tuple(WebServerProtocol)
