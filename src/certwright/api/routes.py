"""REST: everything under /api/v1."""

from fastapi import APIRouter, Depends, FastAPI, Response

from certwright.api.authentication import Authentication
from certwright.api.authorities import authorities_router, requests_router
from certwright.api.certificate_export import certificate_export_router
from certwright.api.certificates import certificates_router
from certwright.api.endpoints import endpoints_router
from certwright.api.events import events_router
from certwright.api.nodes import nodes_router
from certwright.api.problems import nothing_here
from certwright.api.renewals import certificate_requests_router, rehearsals_router, renewals_router
from certwright.api.services import services_router
from certwright.api.settings import settings_router
from certwright.api.status import status_router
from certwright.api.telling import telling_router
from certwright.api.users import tokens_router, users_router
from certwright.lifecycle.server import Server

PREFIX = "/api/v1"
_EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_PARTS = (
    status_router,
    certificates_router,
    certificate_export_router,
    authorities_router,
    requests_router,
    endpoints_router,
    settings_router,
    renewals_router,
    rehearsals_router,
    certificate_requests_router,
    services_router,
    nodes_router,
    events_router,
    telling_router,
    users_router,
    tokens_router,
)


def add_api(application: FastAPI, server: Server, local_token: str) -> None:
    """Add all of REST; `local_token` is the one that lies in the data folder."""
    caller_of = Authentication(server, local_token).caller
    for make in _PARTS:
        # One by one: FastAPI would build the routes of a router of routers twice.
        _include(application, make(server, caller_of))
    _include(application, _unknown_addresses())


def _include(application: FastAPI, router: APIRouter) -> None:
    application.include_router(router, prefix=PREFIX, dependencies=[Depends(_keep_out_of_caches)])


def _unknown_addresses() -> APIRouter:
    """Include it last. Without it the Designer would answer with a page."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("", methods=_EVERY_METHOD)
    @router.api_route("/{path:path}", methods=_EVERY_METHOD)
    def answer_unknown_address() -> None:
        raise nothing_here()

    return router


def _keep_out_of_caches(response: Response) -> None:
    # RFC 9111 3 lets a browser keep what was asked for with the Designer's cookie.
    response.headers["Cache-Control"] = "no-store"
