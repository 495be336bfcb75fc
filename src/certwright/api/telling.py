"""REST: trying whether people can be told."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from certwright.access.rights import Caller
from certwright.api.authentication import CallerOf
from certwright.api.documents import Document
from certwright.lifecycle.server import Server
from certwright.lifecycle.telling.record import ChannelRecord, list_records
from certwright.lifecycle.telling.telling import try_channels
from certwright.x509.text import rfc3339


class TrialRequest(BaseModel):
    """Over which channel; over each that is set up if none is named."""

    channel: str | None = Field(default=None, max_length=100)


def telling_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """A test of the channels."""
    router = APIRouter(prefix="/telling", tags=["telling"])

    @router.post("/test")
    def try_them(
        wanted: TrialRequest, caller: Annotated[Caller, Depends(caller_of)]
    ) -> list[Document]:
        """Send a test message; answers with the words of each other side."""
        return [asdict(one) for one in try_channels(server, wanted.channel, caller)]

    return router


def telling_documents(server: Server) -> list[Document]:
    """How the sending over each channel went last."""
    with server.database.connect() as connection:
        return [_document(one) for one in list_records(connection)]


def _document(record: ChannelRecord) -> Document:
    return {
        "channel": record.channel,
        "sent_at": record.sent_at and rfc3339(record.sent_at),
        "answer": record.answer,
        "attempts": record.attempts,
        "failure": record.failure,
        "again_at": record.again_at and rfc3339(record.again_at),
    }
