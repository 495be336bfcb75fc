"""The story of a renewal: its way, each step in the words of whoever took it, and what is next."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from sqlalchemy import Connection

from certwright.designer.certificate_window_contents import entry_address
from certwright.designer.error_pages import status_of
from certwright.designer.pages import Pages
from certwright.designer.renewal_lines import next_one, renewal_line
from certwright.designer.renewal_phases import phases_of
from certwright.designer.renewal_wording import story_address
from certwright.designer.route import DesignerRoute
from certwright.designer.story_steps import chapters_of, progress_of
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError
from certwright.lifecycle.renewal.asking import what_would_happen
from certwright.lifecycle.renewal.due import ACTOR
from certwright.lifecycle.renewal.obtaining import lost_by
from certwright.lifecycle.renewal.record import RenewalState
from certwright.lifecycle.renewal.story import story_of
from certwright.lifecycle.server import Server
from certwright.stores.database import places_of

Number = Annotated[int, Field(ge=1, lt=2**63)]

_NO_CONTENT = 204


class Stories:
    """Shows stories; decisions about a renewal lead back to it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._pages = Pages(server)

    def show(
        self, visitor: Visitor, number: int, seen: str = "", problem: CertwrightError | None = None
    ) -> Response:
        """The page, or nothing new where `seen` says what is shown; raises NOT_FOUND."""
        server = self._server
        with server.database.connect() as connection:
            story = story_of(connection, number)
            progress = progress_of(story)
            if seen == progress:
                return Response(status_code=_NO_CONTENT)
            renewal = story.renewal
            losses = lost_by(server, connection, renewal) if renewal.waits_for_agreement else ()
            certificates = {
                title: (
                    story.thumbprints.get(fingerprint, fingerprint),
                    _certificate_address(connection, fingerprint),
                )
                for title, fingerprint in (
                    ("Replaces", renewal.wanted.certificate),
                    ("New certificate", renewal.issued),
                )
                if fingerprint is not None
            }
        plans = what_would_happen(server)
        return self._pages.show(
            "renewal_story.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            line=renewal_line(renewal, plans, server.now(), losses),
            by_itself=renewal.wanted.actor == ACTOR,
            phases=phases_of(story),
            chapters=chapters_of(story.steps),
            next_one=next_one(plans, renewal, server.now()),
            certificates=certificates,
            address=story_address(number),
            progress=progress,
            pause="1s" if renewal.state is RenewalState.WORKING else "5s",
        )


def renewal_story_router(server: Server) -> APIRouter:
    """`/renewals/NUMBER`."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    stories = Stories(server)

    @router.get("/renewals/{number}")
    def show_story(
        number: Number, visitor: Annotated[Visitor, Depends(door.visitor)], seen: str = ""
    ) -> Response:
        return stories.show(visitor, number, seen)

    return router


def _certificate_address(connection: Connection, fingerprint: str) -> str | None:
    """None for one that was taken out of its store since."""
    places = places_of(connection, fingerprint)
    return entry_address(fingerprint, places[0]) if places else None
