"""A service that is cared for: where it is, its endpoints; looking at it again, forgetting it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from certwright.access.rights import Right, require
from certwright.designer.pages import Pages, leave_for
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.overview import ServiceOverview, overview
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.adding import forget_service
from certwright.lifecycle.services.looking import look_again, take_on_look
from certwright.x509.text import printable


def service_window_router(server: Server) -> APIRouter:
    """`/services/NAME`, `/services/NAME/look` and yes to that, and `/services/NAME/remove`."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    @router.get("/services/{name}")
    def show_service(name: str, visitor: Annotated[Visitor, Depends(door.visitor)]) -> Response:
        return pages.show("service.html", visitor, shown=_find(server, name))

    @router.post("/services/{name}/look")
    def look(name: str, visitor: Annotated[Visitor, Depends(door.sender)]) -> Response:
        seen = look_again(server, name, visitor.caller)
        return pages.show("service_look.html", visitor, seen=seen)

    @router.post("/services/{name}/look/yes")
    def take_on(
        name: str,
        visitor: Annotated[Visitor, Depends(door.sender)],
        mark: Annotated[str, Form(max_length=100)] = "",
    ) -> Response:
        take_on_look(server, name, mark, visitor.caller)
        return leave_for(visitor, "/")

    @router.get("/services/{name}/remove")
    def ask(name: str, visitor: Annotated[Visitor, Depends(door.visitor)]) -> Response:
        require(visitor.caller, Right.ADMIN, "remove a service")
        return pages.show("service_remove.html", visitor, shown=_find(server, name))

    @router.post("/services/{name}/remove")
    def remove(name: str, visitor: Annotated[Visitor, Depends(door.sender)]) -> Response:
        forget_service(server, name, visitor.caller)
        return leave_for(visitor, "/")

    return router


def _find(server: Server, name: str) -> ServiceOverview:
    for one in overview(server).services:
        if one.service.name == name:
            return one
    raise CertwrightError(
        ErrorCode.NOT_FOUND,
        f"There is no service {printable(name, 80)!r}.",
        "Look at the main window which there are.",
    )
