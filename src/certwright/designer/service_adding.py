"""Adding a service: which one, the plan of what would be taken on, and only then yes."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from certwright.access.rights import Right, require
from certwright.designer.error_pages import status_of
from certwright.designer.pages import Pages, leave_for
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.adding import (
    ServiceToAdd,
    known_kinds,
    plan_service,
    take_on_service,
)
from certwright.lifecycle.services.allowance import offered_from_afar
from certwright.machine.services.service import ServiceReference
from certwright.rules.environment import Environment

_LONGEST = 2000


@dataclass(frozen=True)
class AskedService:
    """What the form says; `service` is KIND or KIND=CONFIGURATION, as the form offers it."""

    service: str
    name: str
    environment: Environment

    @property
    def wanted(self) -> ServiceToAdd:
        """The service that is meant; whether it may be taken on is not looked at here."""
        kind, _, configuration = self.service.partition("=")
        if kind not in known_kinds():
            raise CertwrightError(
                ErrorCode.INVALID_INPUT, "No service was chosen.", "Choose one in the list."
            )
        return ServiceToAdd(ServiceReference(kind, configuration), self.name, self.environment)


def asked_service(
    environment: Annotated[Environment, Form()],
    service: Annotated[str, Form(max_length=_LONGEST)] = "",
    name: Annotated[str, Form(max_length=_LONGEST)] = "",
) -> AskedService:
    """Out of the form."""
    return AskedService(service, name.strip(), environment)


_Asked = Annotated[AskedService, Depends(asked_service)]


def service_adding_router(server: Server) -> APIRouter:
    """`/add-service`, its plan, and yes."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    def form(
        visitor: Visitor,
        asked: AskedService | None = None,
        problem: CertwrightError | None = None,
    ) -> Response:
        require(visitor.caller, Right.ADMIN, "add a service")
        offered = offered_from_afar(server.allowed_services)
        kinds = {one.kind for one in offered}
        return pages.show(
            "service_add.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            asked=asked or AskedService("", "", server.environment),
            offered=offered,
            others=[kind for kind in known_kinds() if kind not in kinds],
            environments=tuple(Environment),
        )

    @router.get("/add-service")
    def show_form(visitor: Annotated[Visitor, Depends(door.visitor)]) -> Response:
        return form(visitor)

    @router.post("/add-service")
    def change_form(visitor: Annotated[Visitor, Depends(door.sender)], asked: _Asked) -> Response:
        return form(visitor, asked)

    @router.post("/add-service/plan")
    def show_plan(visitor: Annotated[Visitor, Depends(door.sender)], asked: _Asked) -> Response:
        try:
            plan = plan_service(server, asked.wanted, visitor.caller)
        except CertwrightError as problem:
            return form(visitor, asked, problem)
        return pages.show("service_plan.html", visitor, asked=asked, plan=plan)

    @router.post("/add-service/yes")
    def take_on(visitor: Annotated[Visitor, Depends(door.sender)], asked: _Asked) -> Response:
        try:
            plan = take_on_service(server, asked.wanted, visitor.caller)
        except CertwrightError as problem:
            return form(visitor, asked, problem)
        return leave_for(visitor, f"/?added={plan.name}")

    return router
