"""Where browsers get the assets from."""

from fastapi import APIRouter, Request, Response

from certwright.designer.assets import load_assets
from certwright.designer.route import DesignerRoute
from certwright.errors import CertwrightError, ErrorCode

_ONE_YEAR = "public, max-age=31536000, immutable"


def assets_router() -> APIRouter:
    """Serves the assets; nothing in them is secret, so nobody has to be logged in."""
    router = APIRouter(route_class=DesignerRoute)
    by_address = {asset.address: asset for asset in load_assets().values()}

    @router.get("/static/{path:path}")
    def serve_asset(request: Request) -> Response:
        asset = by_address.get(request.url.path)
        if asset is None:
            raise CertwrightError(
                ErrorCode.NOT_FOUND,
                "This file belongs to another version of Certwright.",
                "Load the page again.",
            )
        headers = {"Cache-Control": _ONE_YEAR, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(asset.compressed, headers=headers, media_type=asset.media_type)
        return Response(asset.content, headers=headers, media_type=asset.media_type)

    return router
