"""Edit certificate location: where a certificate lies, and which of them is right."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Response

from certwright.designer.error_pages import status_of
from certwright.designer.pages import Pages, leave_for
from certwright.designer.route import DesignerRoute
from certwright.designer.settings import find_overview
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.selection import (
    JudgedCertificate,
    RulesFailed,
    judged_certificates,
    select_certificate,
)
from certwright.lifecycle.server import Server
from certwright.rules.finding import Severity
from certwright.services.endpoints import EndpointName
from certwright.stores.database import list_certificates
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


@dataclass(frozen=True)
class Branch:
    """A store in the tree on the left."""

    place: Place
    count: int
    address: str

    @property
    def location(self) -> Location:
        """Whose store it is."""
        return Location(self.place.location)

    @property
    def title(self) -> str:
        """The store's name."""
        return StoreName(self.place.store).label


def location_address(name: EndpointName, place: Place = PERSONAL, **more: str) -> str:
    """The address of the window for `name`, open at `place`."""
    where = {} if place == PERSONAL else {"location": place.location, "store": place.store}
    query = urlencode(where | more)
    return f"/settings/{name}/certificate" + (f"?{query}" if query else "")


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
        imported: ImportedAs | None = None,
        problem: CertwrightError | None = None,
    ) -> Response:
        shown = find_overview(server, name)
        judged = judged_certificates(server, place)
        saved = shown.endpoint.saved.certificate or ""
        return pages.show(
            "certificate_location.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            shown=shown,
            place=place,
            branches=_branches(server, name),
            right=[one for one in judged if one.is_right],
            wrong=[one for one in judged if not one.is_right],
            chosen=chosen or saved,
            imported=_find(judged, chosen) if imported else None,
            imported_as=imported,
            import_address=f"/settings/{name}/certificate/import",
        )

    @router.get("/settings/{name}/certificate")
    def show_location(
        name: EndpointName,
        visitor: Annotated[Visitor, Depends(door.visitor)],
        location: Location = Location.LOCAL_MACHINE,
        store: StoreName = StoreName.PERSONAL,
        chosen: str = "",
        imported: ImportedAs | None = None,
    ) -> Response:
        return show(visitor, name, Place(LOCAL, location, store), chosen, imported=imported)

    @router.post("/settings/{name}/certificate")
    def save_certificate(
        name: EndpointName,
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
            return pages.show(
                "confirm_selection.html",
                visitor,
                status=status_of(refusal),
                shown=find_overview(server, name),
                version=version,
                place=place,
                judged=_find(judged_certificates(server, place), certificate),
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


def _branches(server: Server, name: EndpointName) -> list[Branch]:
    with server.database.connect() as connection:
        counts = Counter(entry.place for entry in list_certificates(connection))
    return [Branch(place, counts[place], location_address(name, place)) for place in _TREE]


def _require_choice(certificate: str) -> None:
    if not certificate:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "No certificate was chosen.",
            "Choose one in the list, then press OK.",
        )


def _find(judged: tuple[JudgedCertificate, ...], fingerprint: str) -> JudgedCertificate | None:
    return next((one for one in judged if one.stored.certificate.fingerprint == fingerprint), None)
