"""The delete window: what will be lost, or what still uses the certificate."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from certwright.access.rights import Right, require
from certwright.designer.certificate_window_contents import (
    Fingerprint,
    asked_place,
    certificate_address,
    open_entry,
)
from certwright.designer.error_pages import status_of
from certwright.designer.manager_address import store_address
from certwright.designer.pages import Pages, go_on_to
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError
from certwright.lifecycle.deleting import delete_certificate, uses_of
from certwright.lifecycle.server import Server
from certwright.stores.database import count_with_key
from certwright.stores.place import Place


def delete_router(server: Server) -> APIRouter:
    """`/certificates/FINGERPRINT/delete`."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    def show(
        visitor: Visitor,
        fingerprint: str,
        place: Place | None,
        problem: CertwrightError | None = None,
    ) -> Response:
        with server.database.connect() as connection:
            stored = open_entry(connection, fingerprint, place)
            same_key = count_with_key(connection, stored.certificate.key_fingerprint)
        return pages.show(
            "delete.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            stored=stored,
            uses=uses_of(server, stored),
            loses_key=stored.has_private_key and same_key == 1,
            may_lose_key=visitor.session.right >= Right.ADMIN,
            others_with_key=same_key - 1,
            action=certificate_address(stored, "delete"),
            export=certificate_address(stored, "export"),
            back=certificate_address(stored),
        )

    @router.get("/certificates/{fingerprint}/delete")
    def show_question(
        fingerprint: Fingerprint,
        visitor: Annotated[Visitor, Depends(door.visitor)],
        place: Annotated[Place | None, Depends(asked_place)],
    ) -> Response:
        require(visitor.caller, Right.CREATE, "delete a certificate")
        return show(visitor, fingerprint, place)

    @router.post("/certificates/{fingerprint}/delete")
    def carry_out(
        fingerprint: Fingerprint,
        visitor: Annotated[Visitor, Depends(door.sender)],
        place: Annotated[Place | None, Depends(asked_place)],
    ) -> Response:
        try:
            deleted = delete_certificate(server, fingerprint, place=place, caller=visitor.caller)
        except CertwrightError as problem:
            return show(visitor, fingerprint, place, problem)
        if visitor.in_window:  # over a list, which is shown again as it is now
            return Response(status_code=204, headers={"HX-Refresh": "true"})
        return go_on_to(store_address(deleted.entry.place))

    return router
