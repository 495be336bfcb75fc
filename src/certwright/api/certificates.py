"""REST: the certificate store."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, UploadFile

from certwright.access.rights import Caller
from certwright.api.authentication import CallerOf
from certwright.api.documents import Document, certificate_document, finding_document
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.judging import judge
from certwright.lifecycle.server import Server
from certwright.stores.database import find_certificate, list_certificates
from certwright.stores.place import Location, StoreName, parse_place
from certwright.x509.reading import LARGEST_FILE


def certificates_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """List, show, import."""
    router = APIRouter(prefix="/certificates", tags=["certificates"])
    authenticated = Depends(caller_of)

    @router.get("", dependencies=[authenticated])
    def list_all(location: str | None = None, store: str | None = None) -> list[Document]:
        """The certificates in all stores, or in those named."""
        wanted = [
            parse_place(where, which)
            for where in ([location] if location else list(Location))
            for which in ([store] if store else list(StoreName))
        ]
        with server.database.connect() as connection:
            entries = list_certificates(connection, wanted)
        return [certificate_document(entry, server.now()) for entry in entries]

    @router.get("/{identifier}", dependencies=[authenticated])
    def show(identifier: str) -> Document:
        """One certificate with what the rules say of it for this server."""
        with server.database.connect() as connection:
            stored = find_certificate(connection, identifier)
            findings = judge(server, connection, stored)
        document = certificate_document(stored, server.now())
        return document | {
            "pem": stored.certificate.pem,
            "findings": [finding_document(finding) for finding in findings],
        }

    @router.post("")
    def add(
        caller: Annotated[Caller, authenticated],
        file: Annotated[UploadFile, File()],
        password: Annotated[str | None, Form()] = None,
        location: Annotated[str | None, Form()] = None,
        store: Annotated[str | None, Form()] = None,
        friendly_name: Annotated[str, Form(max_length=200)] = "",
    ) -> dict[str, Any]:
        """Import a PFX, PEM or DER file."""
        place = None
        if location or store:
            place = parse_place(location or Location.LOCAL_MACHINE, store or StoreName.PERSONAL)
        imported = import_certificate(
            server,
            file.file.read(LARGEST_FILE + 1),
            password,
            friendly_name=friendly_name,
            caller=caller,
            place=place,
        )
        return {
            "certificate": certificate_document(imported.leaf, server.now()),
            "added": imported.added,
            "findings": [finding_document(finding) for finding in imported.findings],
        }

    return router
