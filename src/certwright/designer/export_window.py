"""The export window: in which format, with the private key or without."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from sqlalchemy import Connection

from certwright.access.rights import Caller, Right
from certwright.designer.certificate_window_contents import (
    Fingerprint,
    asked_place,
    certificate_address,
    open_entry,
)
from certwright.designer.error_pages import status_of
from certwright.designer.pages import Pages
from certwright.designer.password import require_same
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError
from certwright.lifecycle.exporting import ExportedFile, export_certificate, export_set
from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import issuers_at_hand
from certwright.stores.place import Place
from certwright.stores.store import StoredCertificate
from certwright.x509.writing.formats import ExportFormat
from certwright.x509.writing.sets.ready_set import ReadySet

Kind = ExportFormat | ReadySet


@dataclass(frozen=True)
class Wishes:
    """What the form asks; what the chosen kind does not have, its other fields do not count for."""

    kind: Kind = ExportFormat.PEM
    with_key: bool = False
    older_encryption: bool = False
    password: str = ""
    repeated: str = ""

    @property
    def has_password(self) -> bool:
        """Whether the form shows the fields for one."""
        if isinstance(self.kind, ReadySet):
            return self.kind.needs_password
        return self.with_key and self.kind.may_hold_key


def asked_wishes(
    kind: Annotated[Kind, Form()],
    with_key: Annotated[bool, Form()] = False,
    older_encryption: Annotated[bool, Form()] = False,
    password: Annotated[str, Form()] = "",
    repeated: Annotated[str, Form()] = "",
) -> Wishes:
    """Out of the form."""
    return Wishes(kind, with_key, older_encryption, password, repeated)


def export_router(server: Server) -> APIRouter:
    """`/certificates/FINGERPRINT/export`."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    def show(
        visitor: Visitor,
        fingerprint: str,
        place: Place | None,
        wishes: Wishes,
        problem: CertwrightError | None = None,
    ) -> Response:
        with server.database.connect() as connection:
            stored = open_entry(connection, fingerprint, place)
            chain = issuers_at_hand(connection, stored.certificate)
            why_no_key = _why_no_key(server, connection, stored, visitor)
        top = (stored.certificate, *chain)[-1]
        return pages.show(
            "export.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            stored=stored,
            chain=chain,
            missing="" if top.is_self_issued else top.issuer_name,
            why_no_key=why_no_key,
            formats=tuple(ExportFormat),
            sets=tuple(ReadySet),
            wishes=wishes,
            action=certificate_address(stored, "export"),
            back=certificate_address(stored),
        )

    @router.get("/certificates/{fingerprint}/export")
    def show_form(
        fingerprint: Fingerprint,
        visitor: Annotated[Visitor, Depends(door.visitor)],
        place: Annotated[Place | None, Depends(asked_place)],
    ) -> Response:
        return show(visitor, fingerprint, place, Wishes())

    @router.post("/certificates/{fingerprint}/export")
    def hand_out(
        fingerprint: Fingerprint,
        visitor: Annotated[Visitor, Depends(door.sender)],
        place: Annotated[Place | None, Depends(asked_place)],
        wishes: Annotated[Wishes, Depends(asked_wishes)],
    ) -> Response:
        try:
            file = _export(server, fingerprint, place, wishes, visitor.caller)
        except CertwrightError as problem:
            return show(visitor, fingerprint, place, wishes, problem)
        return Response(
            file.content,
            media_type=file.media_type,
            headers={"Content-Disposition": f'attachment; filename="{file.name}"'},
        )

    return router


def _export(
    server: Server, fingerprint: str, place: Place | None, wishes: Wishes, caller: Caller
) -> ExportedFile:
    password = None
    if wishes.has_password:
        require_same(wishes.password, wishes.repeated)
        password = wishes.password or None
    if isinstance(wishes.kind, ReadySet):
        return export_set(
            server, fingerprint, wishes.kind, password=password, place=place, caller=caller
        )
    return export_certificate(
        server,
        fingerprint,
        wishes.kind,
        with_key=wishes.with_key and wishes.kind.may_hold_key,
        password=password,
        older_encryption=wishes.older_encryption and wishes.kind is ExportFormat.PFX,
        place=place,
        caller=caller,
    )


def _why_no_key(
    server: Server, connection: Connection, stored: StoredCertificate, visitor: Visitor
) -> str:
    """Why its private key cannot leave, in a sentence; "" if it can."""
    if not stored.has_private_key:
        return "Its private key is not here."
    if not server.vault.is_exportable(connection, stored.certificate.key_fingerprint):
        return "Its private key was imported as not exportable: it never leaves this node."
    if visitor.session.right < Right.ADMIN:
        right = visitor.session.right.value.capitalize()
        return f"Exporting the private key needs the right Admin; yours is {right}."
    return ""
