"""REST: everything under /api/v1."""

from fastapi import APIRouter

from certwright.api.authentication import Authentication
from certwright.api.certificates import certificates_router
from certwright.api.endpoints import endpoints_router
from certwright.api.status import status_router
from certwright.api.users import tokens_router, users_router
from certwright.lifecycle.server import Server

PREFIX = "/api/v1"


def api_router(server: Server, local_token: str) -> APIRouter:
    """All of REST; `local_token` is the one that lies in the data folder."""
    router = APIRouter(prefix=PREFIX)
    caller_of = Authentication(server, local_token).caller
    for make in (status_router, certificates_router, endpoints_router, users_router, tokens_router):
        router.include_router(make(server, caller_of))
    return router
