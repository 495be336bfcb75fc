"""The web application: Designer, REST and publication as one ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import structlog
from anyio.to_thread import run_sync
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.middleware.base import BaseHTTPMiddleware

from certwright import __version__
from certwright.api.problems import http_problem, internal_problem, problem
from certwright.api.request_limit import RequestLimit
from certwright.api.routes import PREFIX, add_api
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.engine import unreachable
from certwright.designer.routes import add_designer
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation import resume_activations
from certwright.lifecycle.nodes import miss_silent_nodes
from certwright.lifecycle.renewal.alarm import sound_alarms
from certwright.lifecycle.renewal.unused import tell_of_unused
from certwright.lifecycle.revocation import current_revocation_list
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.looking import look_at_services
from certwright.lifecycle.watching import INTERVAL_SECONDS, look_at_endpoints
from certwright.node.metrics import metrics_text
from certwright.publication.routes import publication_router

_OFTEN = (look_at_endpoints, sound_alarms, tell_of_unused, miss_silent_nodes)

log = structlog.get_logger()


def build_application(server: Server, root_keys: RootKeyFolder, local_token: str) -> FastAPI:
    """All routes, with one table that turns errors into answers."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_sync(_catch_up, server, root_keys)
        stop = asyncio.Event()
        # An alarm has to sound whatever a service's program is waited for.
        watching = [
            asyncio.create_task(_keep_looking(server, stop, looks))
            for looks in (_OFTEN, (look_at_services,))
        ]
        yield
        stop.set()  # and not cancelled: a thread that looks would go on, with its connections
        await asyncio.gather(*watching)

    application = FastAPI(
        title="Certwright",
        version=__version__,
        lifespan=lifespan,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # Swagger's page would load its script from a foreign network
        redoc_url=None,
    )
    _add_error_answers(application, server)
    _add_probes(application, server)
    application.include_router(publication_router(server, root_keys))
    add_api(application, server, local_token)
    add_designer(application, server)
    return application


def _catch_up(server: Server, root_keys: RootKeyFolder) -> None:
    resume_activations(server)
    for issuer in (server.authority.root, server.authority.intermediate):
        try:
            current_revocation_list(server, root_keys, issuer)
        except CertwrightError as error:
            # The root's key may be away longer than its list lasts: no reason to go without the
            # Designer. Who asks for the list is told.
            log.warning("no revocation list", issuer=issuer.subject, reason=error.message)


async def _keep_looking(
    server: Server, stop: asyncio.Event, looks: Sequence[Callable[[Server], None]]
) -> None:
    while not await _is_set_within(stop, INTERVAL_SECONDS):
        # Each for itself: an alarm has to sound whatever keeps the look from its end.
        for look in looks:
            try:
                await run_sync(look, server)
            except Exception:  # whatever it was, the next look may succeed
                log.exception("looking at the endpoints failed")


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


def _add_probes(application: FastAPI, server: Server) -> None:
    @application.get("/healthz", include_in_schema=False)
    def alive() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    @application.get("/readyz", include_in_schema=False)
    def ready() -> PlainTextResponse:
        with server.database.connect() as connection:
            connection.execute(text("select 1"))
        return PlainTextResponse("ready\n")

    @application.get("/metrics", include_in_schema=False)
    def metrics() -> PlainTextResponse:
        return PlainTextResponse(metrics_text(server), media_type="text/plain; version=0.0.4")


def _add_error_answers(application: FastAPI, server: Server) -> None:
    @application.exception_handler(CertwrightError)
    async def known(_: Request, error: CertwrightError) -> Response:
        return problem(error)

    @application.exception_handler(OperationalError)
    async def database_lost(_: Request, error: OperationalError) -> Response:
        return problem(unreachable(server.database, error))

    @application.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> Response:
        return http_problem(error)

    @application.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> Response:
        places = ", ".join(".".join(map(str, one["loc"][1:])) for one in error.errors())
        return problem(
            CertwrightError(
                ErrorCode.INVALID_INPUT,
                f"The request is not as it should be at: {places or 'its body'}.",
                f"Its form is described at {PREFIX}/openapi.json.",
            )
        )

    async def answer_unforeseen(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        try:
            return await call_next(request)
        except Exception:
            log.exception("request failed", path=request.url.path)
            return internal_problem()

    application.add_middleware(RequestLimit)
    application.add_middleware(BaseHTTPMiddleware, dispatch=answer_unforeseen)
