"""REST: what can be set, by key."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from certwright.access.rights import Caller
from certwright.api.authentication import CallerOf
from certwright.api.documents import Document
from certwright.lifecycle.server import Server
from certwright.lifecycle.settings import (
    change_setting,
    every_setting,
    hindrances,
    read_setting,
)


class SettingValue(BaseModel):
    """A setting's new value."""

    value: str = Field(max_length=8192)


def settings_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """Read and change settings; a key may hold a slash, as SERVICE/ENDPOINT.window does."""
    router = APIRouter(prefix="/settings", tags=["settings"])
    authenticated = Depends(caller_of)

    @router.get("", dependencies=[authenticated])
    def list_settings() -> Document:
        """The saved value of every setting, by key."""
        return dict(every_setting(server))

    @router.get("/{key:path}", dependencies=[authenticated])
    def get_setting(key: str) -> Document:
        """The saved value of a setting, "" where nothing is set."""
        return {"key": key, "value": read_setting(server, key)}

    @router.put("/{key:path}")
    def set_setting(
        key: str, wanted: SettingValue, caller: Annotated[Caller, authenticated]
    ) -> Document:
        """Save a setting; a protocol takes effect when the endpoint is activated.

        `hindrances` says what else it needs to have any effect, a sentence each.
        """
        value = change_setting(server, key, wanted.value, caller=caller)
        return {"key": key, "value": value, "hindrances": hindrances(server, key)}

    return router
