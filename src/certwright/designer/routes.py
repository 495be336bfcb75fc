"""All routes of the Designer."""

from fastapi import APIRouter, FastAPI, Response

from certwright.designer.activation import activation_router
from certwright.designer.asset_routes import assets_router
from certwright.designer.authority_adding import authority_adding_router
from certwright.designer.certificate_location import certificate_location_router
from certwright.designer.certificate_manager import certificate_manager_router
from certwright.designer.certificate_request import certificate_request_router
from certwright.designer.certificate_window import certificate_window_router
from certwright.designer.delete_window import delete_router
from certwright.designer.error_pages import no_such_page
from certwright.designer.export_window import export_router
from certwright.designer.importing import import_router
from certwright.designer.log_in import log_in_router
from certwright.designer.main_window import main_window_router
from certwright.designer.password import password_router
from certwright.designer.renewal_calendar import renewal_calendar_router
from certwright.designer.renewal_decisions import renewal_decisions_router
from certwright.designer.renewal_story import renewal_story_router
from certwright.designer.renewals import renewals_router
from certwright.designer.route import DesignerRoute
from certwright.designer.service_adding import service_adding_router
from certwright.designer.service_window import service_window_router
from certwright.designer.settings import settings_router
from certwright.designer.telling_window import telling_router
from certwright.lifecycle.server import Server

_EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_PARTS = (
    log_in_router,
    main_window_router,
    settings_router,
    certificate_location_router,
    certificate_request_router,
    authority_adding_router,
    service_window_router,
    service_adding_router,
    certificate_manager_router,
    import_router,
    delete_router,
    export_router,
    certificate_window_router,
    activation_router,
    password_router,
    renewals_router,
    renewal_calendar_router,
    renewal_decisions_router,
    renewal_story_router,
    telling_router,
)


def add_designer(application: FastAPI, server: Server) -> None:
    """Add the pages at `/`, after all else: the last route answers every address."""
    routers = (assets_router(), *(make(server) for make in _PARTS), _unknown_addresses())
    for router in routers:
        # One by one: FastAPI would build the routes of a router of routers twice.
        application.include_router(router, include_in_schema=False)


def _unknown_addresses() -> APIRouter:
    router = APIRouter(route_class=DesignerRoute)

    @router.api_route("/{path:path}", methods=_EVERY_METHOD, response_model=None)
    def answer_unknown_address() -> Response:
        raise no_such_page()

    return router
