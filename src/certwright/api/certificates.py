"""REST: the certificate store."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, Field

from certwright.access.rights import Caller
from certwright.api.authentication import CallerOf
from certwright.api.certificate_details import details_document
from certwright.api.certificate_listing import Filters, listing_response
from certwright.api.documents import Document, certificate_document
from certwright.api.import_documents import imported_document, plan_document
from certwright.lifecycle.checking_document import finding_document
from certwright.lifecycle.deleting import delete_certificate
from certwright.lifecycle.describing import set_archived, set_friendly_name
from certwright.lifecycle.endpoint_verdicts import findings_where_used
from certwright.lifecycle.import_plan import LONGEST_FRIENDLY_NAME
from certwright.lifecycle.importing import ImportFile, import_files, plan_import
from certwright.lifecycle.server import Server
from certwright.stores.database import find_certificate
from certwright.stores.place import Location, Place, StoreName, parse_place
from certwright.x509.reading import LARGEST_FILE

_MOST_SEARCHED = 200
_ARRAY = {
    "description": "An array of certificates; with `limit`, the header Link leads to the next.",
    "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}},
}


class Description(BaseModel):
    """What people say about a certificate; what is left out stays as it is."""

    friendly_name: str | None = Field(default=None, max_length=LONGEST_FRIENDLY_NAME)
    archived: bool | None = None


def certificates_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """List, show, import, delete, name and archive."""
    router = APIRouter(prefix="/certificates", tags=["certificates"])
    authenticated = Depends(caller_of)

    @router.get("", dependencies=[authenticated], response_class=Response, responses={200: _ARRAY})
    def list_some(
        request: Request,
        location: str | None = None,
        store: str | None = None,
        search: Annotated[str, Query(max_length=_MOST_SEARCHED)] = "",
        status: str | None = None,
        expires_within: int | None = None,
        archived: bool = False,
        has_private_key: bool | None = None,
        sort: str = "name",
        descending: bool = False,
        limit: Annotated[int | None, Query(ge=1, le=500)] = None,
        after: Annotated[str, Query(max_length=2000)] = "",
    ) -> Response:
        """The certificates in all stores, or those that fit every filter given.

        `status` is valid, expires-soon, expired or not-yet-valid, `expires_within` a number of
        days; archived ones are listed with `archived` only. `sort` is name, issuer, not-before,
        not-after or added; several stores that are named by half come one after the other.
        """
        filters = Filters(
            location,
            store,
            search,
            status,
            expires_within,
            archived,
            has_private_key,
            sort,
            descending,
        )
        return listing_response(server, request, filters, limit, after)

    @router.get("/{identifier}", dependencies=[authenticated])
    def show(identifier: str, location: str | None = None, store: str | None = None) -> Document:
        """One certificate with what the rules say of it for its endpoints, or for this server."""
        with server.database.connect() as connection:
            stored = find_certificate(connection, identifier, named_place(location, store))
            findings = findings_where_used(server, connection, stored)
        document = certificate_document(stored, server.now())
        return document | {
            "pem": stored.certificate.pem,
            "findings": [finding_document(finding) for finding in findings],
        }

    @router.get("/{identifier}/details", dependencies=[authenticated])
    def show_details(
        identifier: str, location: str | None = None, store: str | None = None
    ) -> Document:
        """All that stands in one certificate, its chain, and whether it is right for each endpoint.

        `fields` and `extensions` are the decoded contents, `path` the chain from the root down with
        the faults of each link, `endpoints` the verdict for each (none for an authority's
        certificate that only stands in chains), `asn1` the raw tree, of 2,000 elements at most.
        """
        return details_document(server, identifier, named_place(location, store))

    @router.post("")
    def add(
        caller: Annotated[Caller, authenticated],
        file: Annotated[list[UploadFile], File()],
        password: Annotated[str | None, Form()] = None,
        location: Annotated[str | None, Form()] = None,
        store: Annotated[str | None, Form()] = None,
        friendly_name: Annotated[str, Form(max_length=LONGEST_FRIENDLY_NAME)] = "",
        fetch_issuers: Annotated[bool, Form()] = False,
        trust_root: Annotated[bool, Form()] = False,
        exportable: Annotated[bool, Form()] = True,
        preview: Annotated[bool, Form()] = False,
    ) -> Document:
        """Import one file, or several that belong together; with `preview`, only tell the plan.

        A root in them is trusted with `trust_root` only. `fetch_issuers` looks for missing
        issuers where the certificates say.
        """
        files = [ImportFile(one.filename or "", one.file.read(LARGEST_FILE + 1)) for one in file]
        place = named_place(location, store)
        if preview:
            plan = plan_import(
                server, files, password, caller=caller, place=place, fetch_issuers=fetch_issuers
            )
            return plan_document(plan, server.now())
        imported = import_files(
            server,
            files,
            password,
            friendly_name=friendly_name,
            caller=caller,
            place=place,
            fetch_issuers=fetch_issuers,
            trust_root=trust_root,
            exportable=exportable,
        )
        return imported_document(imported, server.now())

    @router.patch("/{identifier}")
    def describe(
        identifier: str,
        wanted: Description,
        caller: Annotated[Caller, authenticated],
        location: str | None = None,
        store: str | None = None,
    ) -> Document:
        """Give it another friendly name, archive it, or offer it again."""
        place = named_place(location, store)
        if wanted.friendly_name is not None:
            text = wanted.friendly_name
            set_friendly_name(server, identifier, text, place=place, caller=caller)
        if wanted.archived is not None:
            set_archived(server, identifier, wanted.archived, place=place, caller=caller)
        with server.database.connect() as connection:
            stored = find_certificate(connection, identifier, place)
        return certificate_document(stored, server.now())

    @router.delete("/{identifier}")
    def delete(
        identifier: str,
        caller: Annotated[Caller, authenticated],
        location: str | None = None,
        store: str | None = None,
    ) -> Document:
        """Delete it, and its private key unless another certificate has the same one."""
        place = named_place(location, store)
        deleted = delete_certificate(server, identifier, place=place, caller=caller)
        return {
            "certificate": certificate_document(deleted.entry, server.now()),
            "private_key_deleted": deleted.private_key,
        }

    return router


def named_place(location: str | None, store: str | None) -> Place | None:
    """The store that is meant, if one is named at all; Personal and Local Machine go unsaid."""
    if not location and not store:
        return None
    return parse_place(location or Location.LOCAL_MACHINE, store or StoreName.PERSONAL)
