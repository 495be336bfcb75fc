"""Edit certificate location: where a certificate lies, and which of them is right."""

from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Response

from certwright.designer.asked_endpoint import PathEndpoint, settings_address
from certwright.designer.error_pages import status_of
from certwright.designer.pages import Pages, leave_for
from certwright.designer.route import DesignerRoute
from certwright.designer.store_tree import Branch, store_tree
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.offering import offered_certificates
from certwright.lifecycle.overview import find_overview
from certwright.lifecycle.selection import RulesFailed, select_certificate
from certwright.lifecycle.server import Server
from certwright.rules.environment import Environment
from certwright.rules.finding import Severity
from certwright.services.endpoints import EndpointName
from certwright.stores.database import count_by_place
from certwright.stores.place import (
    INTERMEDIATE,
    LOCAL,
    PERSONAL,
    TRUSTED_ROOT,
    Location,
    Place,
    StoreName,
)

_CURRENT_USER = Place(LOCAL, Location.CURRENT_USER, StoreName.PERSONAL)
_TREE = (PERSONAL, TRUSTED_ROOT, INTERMEDIATE, _CURRENT_USER)
_CANNOT_BE_CONFIRMED = frozenset({"private-key-missing", "key-mismatch"})
"""No confirmation makes a server work without the certificate's private key."""


class ImportedAs(StrEnum):
    """What an import that has just been done brought."""

    NEW = "new"
    KNOWN = "known"


def location_address(name: EndpointName, place: Place = PERSONAL, **more: str) -> str:
    """The address of the window for `name`, open at `place`."""
    where = {} if place == PERSONAL else {"location": place.location, "store": place.store}
    query = urlencode(where | more)
    return f"/settings/{name}/certificate" + (f"?{query}" if query else "")


def request_address(name: EndpointName) -> str:
    """Where a certificate for the endpoint is asked for."""
    return f"/settings/{name}/certificate/new"


def certificate_location_router(server: Server) -> APIRouter:
    """`/settings/ENDPOINT/certificate`."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    def show(
        visitor: Visitor,
        name: EndpointName,
        place: Place,
        chosen: str,
        *,
        search: str = "",
        imported: ImportedAs | None = None,
        problem: CertwrightError | None = None,
    ) -> Response:
        shown = find_overview(server, name)
        saved = shown.endpoint.saved.certificate or ""
        offer = offered_certificates(server, place, search, [chosen, saved], shown.purpose)
        right = [one for one in offer.judged if one.is_right]
        is_cloud = shown.purpose.environment is Environment.CLOUD
        return pages.show(
            "certificate_location.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            shown=shown,
            place=place,
            branches=_branches(server, name),
            offer=offer,
            search=search,
            right=right,
            wrong=[one for one in offer.judged if not one.is_right],
            chosen=chosen or saved,
            imported=offer.find(chosen) if imported else None,
            imported_as=imported,
            import_address=f"/settings/{name}/certificate/import",
            request_address=request_address(name),
            is_cloud=is_cloud,
            wants_public=is_cloud and not right and not search,
            back=settings_address(name),
        )

    @router.get("/settings/{name:path}/certificate")
    def show_location(
        name: PathEndpoint,
        visitor: Annotated[Visitor, Depends(door.visitor)],
        location: Location = Location.LOCAL_MACHINE,
        store: StoreName = StoreName.PERSONAL,
        chosen: str = "",
        search: Annotated[str, Query(max_length=200)] = "",
        imported: ImportedAs | None = None,
    ) -> Response:
        place = Place(LOCAL, location, store)
        return show(visitor, name, place, chosen, search=search.strip(), imported=imported)

    @router.post("/settings/{name:path}/certificate")
    def save_certificate(
        name: PathEndpoint,
        visitor: Annotated[Visitor, Depends(door.sender)],
        version: Annotated[int, Form()],
        certificate: Annotated[str, Form()] = "",
        location: Annotated[Location, Form()] = Location.LOCAL_MACHINE,
        store: Annotated[StoreName, Form()] = StoreName.PERSONAL,
        confirmed: Annotated[bool, Form()] = False,
    ) -> Response:
        place = Place(LOCAL, location, store)
        try:
            _require_choice(certificate)
            select_certificate(
                server,
                name,
                certificate,
                read_version=version,
                confirmed=confirmed,
                caller=visitor.caller,
            )
        except RulesFailed as refusal:
            shown = find_overview(server, name)
            offer = offered_certificates(server, place, "", [certificate], shown.purpose)
            return pages.show(
                "confirm_selection.html",
                visitor,
                status=status_of(refusal),
                shown=shown,
                version=version,
                place=place,
                judged=offer.find(certificate),
                fingerprint=certificate,
                errors=[one for one in refusal.findings if one.severity is Severity.ERROR],
                can_be_confirmed=_CANNOT_BE_CONFIRMED.isdisjoint(
                    one.code for one in refusal.findings
                ),
                back=location_address(name, place, chosen=certificate),
            )
        except CertwrightError as problem:
            return show(visitor, name, place, certificate, problem=problem)
        return leave_for(visitor, f"/?saved={name}")

    return router


def _branches(server: Server, name: EndpointName) -> tuple[Branch, ...]:
    with server.database.connect() as connection:
        counts = count_by_place(connection)
    return store_tree(_TREE, counts, lambda place: location_address(name, place))


def _require_choice(certificate: str) -> None:
    if not certificate:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "No certificate was chosen.",
            "Choose one in the list, then press OK.",
        )
