"""All routes of the Designer."""

from fastapi import APIRouter, Response

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


def designer_router(server: Server) -> APIRouter:
    """The pages at `/`; its last route answers every address, so include it after all others."""
    router = APIRouter(route_class=DesignerRoute, include_in_schema=False)
    for part in (
        assets_router(),
        log_in_router(server),
        main_window_router(server),
        settings_router(server),
        certificate_location_router(server),
        certificate_request_router(server),
        authority_adding_router(server),
        service_window_router(server),
        service_adding_router(server),
        certificate_manager_router(server),
        import_router(server),
        delete_router(server),
        export_router(server),
        certificate_window_router(server),
        activation_router(server),
        password_router(server),
        renewals_router(server),
        renewal_calendar_router(server),
        renewal_decisions_router(server),
        renewal_story_router(server),
        telling_router(server),
    ):
        router.include_router(part)

    @router.api_route("/{path:path}", methods=_EVERY_METHOD, response_model=None)
    def answer_unknown_address() -> Response:
        raise no_such_page()

    return router
