"""A service that is cared for: where it is, how it is activated, its endpoints; forgetting it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from certwright.access.rights import Right, require
from certwright.designer.pages import Pages, leave_for
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.overview import ServiceOverview, overview
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.adding import forget_service
from certwright.x509.text import printable


def service_window_router(server: Server) -> APIRouter:
    """`/services/NAME`, and `/services/NAME/remove`."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    @router.get("/services/{name}")
    def show_service(name: str, visitor: Annotated[Visitor, Depends(door.visitor)]) -> Response:
        return pages.show("service.html", visitor, shown=_find(server, name))

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
