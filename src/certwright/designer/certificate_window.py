"""The certificate window: General, Details, Certification Path, Right for, Story."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Response
from sqlalchemy import Connection

from certwright.designer.certificate_window_contents import (
    Fingerprint,
    asked_place,
    certificate_address,
    general,
    link_address,
    open_entry,
)
from certwright.designer.certificate_window_endpoints import remedies_of
from certwright.designer.error_pages import status_of
from certwright.designer.manager_address import store_address
from certwright.designer.pages import Pages
from certwright.designer.renewal_wording import story_address
from certwright.designer.route import DesignerRoute
from certwright.designer.story_steps import chapters_of
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError
from certwright.lifecycle.certification_path import certification_path
from certwright.lifecycle.describing import set_archived, set_friendly_name
from certwright.lifecycle.endpoint_verdicts import endpoint_verdicts
from certwright.lifecycle.renewal.due import plan_for
from certwright.lifecycle.renewal.preferences import quiet_hours
from certwright.lifecycle.renewal.story import certificate_story
from certwright.lifecycle.server import Server
from certwright.stores.place import Place
from certwright.stores.store import StoredCertificate
from certwright.x509.asn1_tree import asn1_tree
from certwright.x509.details import details
from certwright.x509.details_purpose import plain_purposes


class Tab(StrEnum):
    """The tabs; the value is the end of the address."""

    GENERAL = ""
    DETAILS = "details"
    PATH = "path"
    RIGHT_FOR = "right-for"
    STORY = "story"

    @property
    def label(self) -> str:
        """What stands on it."""
        return _LABELS[self]


class Done(StrEnum):
    """What was just done, told at the top of the window."""

    IMPORTED = "imported"
    KNOWN = "known"
    RENAMED = "renamed"
    ARCHIVED = "archived"
    RESTORED = "restored"


_LABELS = {
    Tab.GENERAL: "General",
    Tab.DETAILS: "Details",
    Tab.PATH: "Certification Path",
    Tab.RIGHT_FOR: "Right for",
    Tab.STORY: "Story",
}
_CHANGES = frozenset({Done.RENAMED, Done.ARCHIVED, Done.RESTORED})


def certificate_window_router(server: Server) -> APIRouter:
    """`/certificates/FINGERPRINT` and its tabs, its friendly name, and whether it is archived."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    def show(
        visitor: Visitor,
        fingerprint: str,
        place: Place | None,
        tab: Tab = Tab.GENERAL,
        *,
        done: Done | None = None,
        problem: CertwrightError | None = None,
    ) -> Response:
        with server.database.connect() as connection:
            stored = open_entry(connection, fingerprint, place)
            values = _LOOKS[tab](server, connection, stored)
        return pages.show(
            "certificate_window.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            done=done,
            has_changed=done in _CHANGES,
            stored=stored,
            tab=tab,
            tabs=tuple((one, certificate_address(stored, one)) for one in Tab),
            addresses={
                name: certificate_address(stored, name)
                for name in ("export", "delete", "friendly-name", "archived")
            },
            manager=store_address(stored.place),
            **values,
        )

    @router.get("/certificates/{fingerprint}")
    def show_window(
        fingerprint: Fingerprint,
        visitor: Annotated[Visitor, Depends(door.visitor)],
        place: Annotated[Place | None, Depends(asked_place)],
        done: Done | None = None,
    ) -> Response:
        return show(visitor, fingerprint, place, done=done)

    @router.get("/certificates/{fingerprint}/{tab}")
    def show_tab(
        fingerprint: Fingerprint,
        tab: Tab,
        visitor: Annotated[Visitor, Depends(door.visitor)],
        place: Annotated[Place | None, Depends(asked_place)],
    ) -> Response:
        return show(visitor, fingerprint, place, tab)

    @router.post("/certificates/{fingerprint}/friendly-name")
    def save_friendly_name(
        fingerprint: Fingerprint,
        visitor: Annotated[Visitor, Depends(door.sender)],
        place: Annotated[Place | None, Depends(asked_place)],
        friendly_name: Annotated[str, Form()] = "",
    ) -> Response:
        text, caller = friendly_name.strip(), visitor.caller
        try:
            set_friendly_name(server, fingerprint, text, place=place, caller=caller)
        except CertwrightError as problem:
            return show(visitor, fingerprint, place, problem=problem)
        return show(visitor, fingerprint, place, done=Done.RENAMED)

    @router.post("/certificates/{fingerprint}/archived")
    def save_archived(
        fingerprint: Fingerprint,
        visitor: Annotated[Visitor, Depends(door.sender)],
        place: Annotated[Place | None, Depends(asked_place)],
        archived: Annotated[bool, Form()],
    ) -> Response:
        try:
            set_archived(server, fingerprint, archived, place=place, caller=visitor.caller)
        except CertwrightError as problem:
            return show(visitor, fingerprint, place, problem=problem)
        done = Done.ARCHIVED if archived else Done.RESTORED
        return show(visitor, fingerprint, place, done=done)

    return router


def _show_general(
    server: Server, connection: Connection, stored: StoredCertificate
) -> dict[str, Any]:
    return {
        "general": general(server, connection, stored),
        "purposes": plain_purposes(stored.certificate),
    }


def _show_details(
    _server: Server, _connection: Connection, stored: StoredCertificate
) -> dict[str, Any]:
    certificate = stored.certificate
    return {"sections": details(certificate), "tree": asn1_tree(certificate.der)}


def _show_path(server: Server, connection: Connection, stored: StoredCertificate) -> dict[str, Any]:
    path = certification_path(server, connection, stored)
    links = tuple((link, link_address(link, stored)) for link in path.links)
    return {"verdict": path.verdict, "links": links}


def _show_right_for(
    server: Server, connection: Connection, stored: StoredCertificate
) -> dict[str, Any]:
    return {
        "verdicts": endpoint_verdicts(server, connection, stored),
        "remedies_of": remedies_of,
    }


def _show_story(
    server: Server, connection: Connection, stored: StoredCertificate
) -> dict[str, Any]:
    fingerprint = stored.certificate.fingerprint
    story = certificate_story(connection, fingerprint)
    quiet = quiet_hours(connection, server.zone)
    plan = plan_for(server, connection, stored, quiet) if not stored.is_issuer_only else None
    return {
        "story": story,
        "chapters": chapters_of(story.steps),
        "plan": plan if plan is not None and plan.endpoints else None,
        "story_address": story_address,
    }


_LOOKS: dict[Tab, Callable[[Server, Connection, StoredCertificate], dict[str, Any]]] = {
    Tab.GENERAL: _show_general,
    Tab.DETAILS: _show_details,
    Tab.PATH: _show_path,
    Tab.RIGHT_FOR: _show_right_for,
    Tab.STORY: _show_story,
}
