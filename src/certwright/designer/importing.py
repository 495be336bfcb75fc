"""Import: files and their password, a look at what they would bring, and only then the import."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Response, UploadFile

from certwright.access.rights import Right, require
from certwright.designer.error_pages import status_of
from certwright.designer.import_preview import preview_of
from certwright.designer.import_target import ImportTarget
from certwright.designer.pages import Pages, go_on_to, leave_for
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.import_drafts import forget_draft, keep_draft, open_draft
from certwright.lifecycle.import_plan import IMPORT, ImportFile
from certwright.lifecycle.importing import import_files, plan_import
from certwright.lifecycle.server import Server
from certwright.services.endpoints import parse_endpoint_name
from certwright.stores.place import Place, every_place
from certwright.x509.reading import LARGEST_FILE
from certwright.x509.text import printable

_LONGEST_NAME = 100
_PLACES = every_place()


@dataclass(frozen=True)
class Wishes:
    """What the form for the files asks beside them."""

    place: Place | None
    fetch_issuers: bool


def asked_wishes(
    place: Annotated[str, Form()] = "", fetch_issuers: Annotated[bool, Form()] = False
) -> Wishes:
    """Out of the form; a store that is not offered is as none: each where it belongs."""
    wanted = next((one for one in _PLACES if _value(one) == place), None)
    return Wishes(wanted, fetch_issuers)


def asked_target(name: str = "") -> ImportTarget:
    """The endpoint whose settings it was begun from, or, where the address has none, the manager.

    Raises NOT_FOUND.
    """
    return ImportTarget(parse_endpoint_name(name) if name else None)


class ImportPages:
    """The pages of an import, wherever it was begun."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._pages = Pages(server)

    def form(
        self,
        visitor: Visitor,
        target: ImportTarget,
        *,
        problem: CertwrightError | None = None,
        draft: str = "",
        file_names: Sequence[str] = (),
        wishes: Wishes = Wishes(None, fetch_issuers=False),
    ) -> Response:
        """The form for the files; with a `draft`, for the password of those that are kept."""
        require(visitor.caller, Right.CREATE, IMPORT)
        return self._show("import.html", visitor, target, problem, draft, file_names, wishes)

    def preview(
        self,
        visitor: Visitor,
        target: ImportTarget,
        files: Sequence[ImportFile],
        password: str | None,
        wishes: Wishes,
    ) -> Response:
        """What `files` would bring; they are kept for the import, nothing else is."""
        names = [printable(one.name, _LONGEST_NAME) for one in files]
        draft = ""
        try:
            require(visitor.caller, Right.CREATE, IMPORT)
            draft = keep_draft(self._server, files, password, caller=visitor.caller)
            plan = plan_import(
                self._server,
                files,
                password,
                caller=visitor.caller,
                place=wishes.place,
                fetch_issuers=wishes.fetch_issuers,
            )
        except CertwrightError as problem:
            if problem.code is ErrorCode.WRONG_PASSWORD:
                return self.form(
                    visitor, target, problem=problem, draft=draft, file_names=names, wishes=wishes
                )
            if draft:
                forget_draft(self._server, draft, caller=visitor.caller)
            return self.form(visitor, target, problem=problem, wishes=wishes)
        return self._show(
            "import_preview.html",
            visitor,
            target,
            None,
            draft,
            names,
            wishes,
            preview=preview_of(plan, fetched=wishes.fetch_issuers),
        )

    def _show(
        self,
        template: str,
        visitor: Visitor,
        target: ImportTarget,
        problem: CertwrightError | None,
        draft: str,
        file_names: Sequence[str],
        wishes: Wishes,
        **more: Any,
    ) -> Response:
        return self._pages.show(
            template,
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            target=target,
            draft=draft,
            file_names=file_names,
            wishes=wishes,
            chosen_place=_value(wishes.place) if wishes.place else "",
            places=[(_value(one), one.title) for one in _PLACES],
            most_bytes=LARGEST_FILE,
            **more,
        )


def import_router(server: Server) -> APIRouter:
    """`/certificates/import` and `/settings/ENDPOINT/certificate/import`, each with `/preview`."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = ImportPages(server)

    for base in ("/certificates", "/settings/{name:path}/certificate"):

        @router.get(f"{base}/import")
        def show_form(
            visitor: Annotated[Visitor, Depends(door.visitor)],
            target: Annotated[ImportTarget, Depends(asked_target)],
        ) -> Response:
            return pages.form(visitor, target)

        @router.post(f"{base}/import/preview")
        def show_preview(
            visitor: Annotated[Visitor, Depends(door.sender)],
            wishes: Annotated[Wishes, Depends(asked_wishes)],
            target: Annotated[ImportTarget, Depends(asked_target)],
            file: list[UploadFile] | None = None,
            draft: Annotated[str, Form()] = "",
            password: Annotated[str, Form()] = "",
        ) -> Response:
            files = _brought(file or ())
            if not draft or files:
                return pages.preview(visitor, target, files, password or None, wishes)
            try:
                kept = open_draft(server, draft, caller=visitor.caller)
            except CertwrightError as problem:
                return pages.form(visitor, target, problem=problem)
            forget_draft(server, draft, caller=visitor.caller)
            given = password or kept.password
            return pages.preview(visitor, target, kept.files, given, wishes)

        @router.post(f"{base}/import")
        def carry_out(
            visitor: Annotated[Visitor, Depends(door.sender)],
            wishes: Annotated[Wishes, Depends(asked_wishes)],
            target: Annotated[ImportTarget, Depends(asked_target)],
            draft: Annotated[str, Form()],
            friendly_name: Annotated[str, Form()] = "",
            trust_root: Annotated[bool, Form()] = False,
            exportable: Annotated[bool, Form()] = False,
        ) -> Response:
            try:
                kept = open_draft(server, draft, caller=visitor.caller)
                imported = import_files(
                    server,
                    kept.files,
                    kept.password,
                    friendly_name=friendly_name.strip(),
                    caller=visitor.caller,
                    place=wishes.place,
                    fetch_issuers=wishes.fetch_issuers,
                    trust_root=trust_root,
                    exportable=exportable,
                )
            except CertwrightError as problem:
                return pages.form(visitor, target, problem=problem)
            forget_draft(server, draft, caller=visitor.caller)
            after = target.after(imported.leaf, is_new=imported.added)
            return leave_for(visitor, after) if target.endpoint is None else go_on_to(after)

    return router


def _brought(files: Sequence[UploadFile]) -> tuple[ImportFile, ...]:
    """A browser sends one empty file without a name where none was chosen."""
    read = (ImportFile(one.filename or "", one.file.read()) for one in files)
    return tuple(one for one in read if one.name or one.content)


def _value(place: Place) -> str:
    return f"{place.location}/{place.store}"
