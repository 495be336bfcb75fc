"""What every route of the Designer has in common: headers, and errors as pages."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from certwright.designer.error_pages import error_page, unknown_error
from certwright.designer.security import SECURITY_HEADERS
from certwright.designer.visitor import NotLoggedIn, is_for_window
from certwright.errors import CertwrightError, ErrorCode

_CONTENT_TOO_LARGE = 413
_READING = frozenset({"GET", "HEAD"})

_log = structlog.get_logger()


class DesignerRoute(APIRoute):
    """A route whose every answer carries the security headers and whose errors are pages."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        methods = set(options.pop("methods", None) or {"GET"})
        if "GET" in methods:
            methods.add("HEAD")
        super().__init__(path, endpoint, methods=methods, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of FastAPI, with ours around it."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            response = await _answer(request, handler)
            for name, value in SECURITY_HEADERS.items():
                response.headers.setdefault(name, value)  # assets say themselves how to cache
            return response

        return handle


async def _answer(
    request: Request, handler: Callable[[Request], Coroutine[Any, Any, Response]]
) -> Response:
    try:
        return await handler(request)
    except NotLoggedIn:
        return _to_log_in(request)
    except CertwrightError as error:
        return error_page(request, error)
    except HTTPException as refusal:
        too_large = refusal.status_code == _CONTENT_TOO_LARGE
        return error_page(request, _too_large() if too_large else _unreadable_form())
    except RequestValidationError:
        is_form = request.method not in _READING
        return error_page(request, _unreadable_form() if is_form else _unreadable_address())
    except OperationalError:
        _log.exception("designer.database_unreachable", path=request.url.path)
        return error_page(request, _database_unreachable())
    except Exception:  # noqa: BLE001 - the last place that can turn it into a page
        # What it was stays in the log: it may hold anything.
        _log.exception("designer.failed", path=request.url.path)
        return error_page(request, unknown_error())


def _to_log_in(request: Request) -> Response:
    if is_for_window(request):
        return Response(status_code=204, headers={"HX-Redirect": "/log-in"})
    if request.method not in _READING or request.url.path == "/":
        return RedirectResponse("/log-in", status_code=303)
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/log-in?{urlencode({'then': address})}", status_code=303)


def _too_large() -> CertwrightError:
    return CertwrightError(
        ErrorCode.TOO_LARGE,
        "What was sent is larger than any certificate file.",
        "Choose the file that holds the certificate, its chain and its key only.",
    )


def _unreadable_form() -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        "The form came incomplete or with values it does not offer, so nothing was changed.",
        "Open the page again and send the form from there.",
    )


def _unreadable_address() -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        "There is no page at this address: a part of it is not what can stand there.",
        "Start again from the main window.",
    )


def _database_unreachable() -> CertwrightError:
    return CertwrightError(
        ErrorCode.DATABASE_UNREACHABLE,
        "The database does not answer, so nothing can be shown or changed at this moment.",
        "Wait some seconds and load the page again. What is served stays served meanwhile.",
    )
