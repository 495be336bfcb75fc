"""REST: what happened and who did it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from certwright.api.authentication import CallerOf
from certwright.api.documents import Document
from certwright.lifecycle.events import Event, latest_events
from certwright.lifecycle.server import Server
from certwright.x509.text import rfc3339

_MOST = 1000


def events_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """The record, the newest first."""
    router = APIRouter(prefix="/events", tags=["events"])

    @router.get("", dependencies=[Depends(caller_of)])
    def list_latest(limit: Annotated[int, Query(ge=1, le=_MOST)] = 100) -> list[Document]:
        """The latest events."""
        return [_event(event) for event in latest_events(server, limit)]

    return router


def _event(event: Event) -> Document:
    return {
        "at": rfc3339(event.at),
        "actor": event.actor,
        "kind": event.kind,
        "subject": event.subject,
        "message": event.message,
        "good": event.good,
    }
