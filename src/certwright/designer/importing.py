"""Import: a certificate file and its password, brought by the browser."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response, UploadFile

from certwright.access.rights import Right, require
from certwright.designer.certificate_location import ImportedAs, location_address
from certwright.designer.error_pages import status_of
from certwright.designer.pages import Pages, go_on_to
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.server import Server
from certwright.services.endpoints import EndpointName
from certwright.x509.reading import LARGEST_FILE

_IMPORT = "import a certificate"


def import_router(server: Server) -> APIRouter:
    """`/settings/ENDPOINT/certificate/import`."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    def show(
        visitor: Visitor,
        name: EndpointName,
        problem: CertwrightError | None = None,
        friendly_name: str = "",
    ) -> Response:
        return pages.show(
            "import.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            name=name,
            friendly_name=friendly_name,
            most_bytes=LARGEST_FILE,
            back=location_address(name),
        )

    @router.get("/settings/{name}/certificate/import")
    def show_import(
        name: EndpointName, visitor: Annotated[Visitor, Depends(door.visitor)]
    ) -> Response:
        require(visitor.caller, Right.CREATE, _IMPORT)
        return show(visitor, name)

    @router.post("/settings/{name}/certificate/import")
    def take_file(
        name: EndpointName,
        visitor: Annotated[Visitor, Depends(door.sender)],
        file: UploadFile,
        password: Annotated[str, Form()] = "",
        friendly_name: Annotated[str, Form()] = "",
    ) -> Response:
        try:
            require(visitor.caller, Right.CREATE, _IMPORT)
            imported = import_certificate(
                server,
                _content(file),
                password or None,
                friendly_name=friendly_name.strip(),
                caller=visitor.caller,
            )
        except CertwrightError as problem:
            return show(visitor, name, problem, friendly_name)
        leaf = imported.leaf
        return go_on_to(
            location_address(
                name,
                leaf.place,
                chosen=leaf.certificate.fingerprint,
                imported=ImportedAs.NEW if imported.added else ImportedAs.KNOWN,
            )
        )

    return router


def _content(file: UploadFile) -> bytes:
    content = file.file.read()
    if not content:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "No file was chosen, or it is empty.",
            "Choose the PFX, PEM or DER file that holds the certificate.",
        )
    return content
