"""REST: certificates as files."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from certwright.access.rights import Caller
from certwright.api.authentication import CallerOf
from certwright.api.certificates import named_place
from certwright.lifecycle.exporting import ExportedFile, export_certificate, export_set
from certwright.lifecycle.server import Server
from certwright.x509.writing.formats import ExportFormat
from certwright.x509.writing.sets.ready_set import ReadySet

_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file; Content-Disposition says what it is called.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Password(BaseModel):
    """Where the certificate lies, if one has to say so, and what the new file is opened with."""

    location: str | None = None
    store: str | None = None
    password: str | None = Field(
        default=None, max_length=1024, json_schema_extra={"format": "password"}
    )


class WantedFile(Password):
    """One file. A private key needs Admin; in PFX and JKS it needs a password too."""

    format: ExportFormat
    with_key: bool = False
    older_encryption: bool = False


class WantedSet(Password):
    """A ZIP of the files that a program wants, the private key among them: needs Admin."""

    set: ReadySet


def certificate_export_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """Export as one file, or as a ready-made set."""
    router = APIRouter(prefix="/certificates", tags=["certificates"])
    authenticated = Depends(caller_of)

    @router.post("/{identifier}/export", response_class=Response, responses=_FILE)
    def export(
        identifier: str, wanted: WantedFile, caller: Annotated[Caller, authenticated]
    ) -> Response:
        """The certificate with its chain, and with its private key if wanted.

        By POST, since the password has no place in an address, and a private key that leaves is
        put on record.
        """
        return _download(
            export_certificate(
                server,
                identifier,
                wanted.format,
                with_key=wanted.with_key,
                password=wanted.password,
                older_encryption=wanted.older_encryption,
                place=named_place(wanted.location, wanted.store),
                caller=caller,
            )
        )

    @router.post("/{identifier}/export-set", response_class=Response, responses=_FILE)
    def export_ready_set(
        identifier: str, wanted: WantedSet, caller: Annotated[Caller, authenticated]
    ) -> Response:
        """The files for nginx, HAProxy, Apache, PostgreSQL, Java, Kubernetes or SAP, as a ZIP."""
        return _download(
            export_set(
                server,
                identifier,
                wanted.set,
                password=wanted.password,
                place=named_place(wanted.location, wanted.store),
                caller=caller,
            )
        )

    return router


def _download(file: ExportedFile) -> Response:
    """The file as a download that no cache keeps."""
    return Response(
        file.content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
