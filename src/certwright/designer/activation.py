"""Restart server: activate what is saved, and show the proof line by line as it happens."""

import threading
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Depends, Form, Query, Response
from pydantic import Field

from certwright.designer.pages import Pages, leave_for
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.lifecycle.activation import begin_activation, run_activation
from certwright.lifecycle.activation_record import Activation, ActivationState, get_activation
from certwright.lifecycle.proving import prove_endpoint
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    EndpointName,
    OwnEndpoint,
    list_endpoints,
    parse_endpoint_name,
)

_NO_CONTENT = 204
_MOST_SHOWN = 8
_Identifier = Annotated[int, Field(ge=1, lt=2**63)]

_log = structlog.get_logger()


def activation_router(server: Server) -> APIRouter:
    """`/restart`, and `/activations` to watch; `/prove` only looks from outside."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    @router.post("/restart")
    def restart(
        visitor: Annotated[Visitor, Depends(door.sender)],
        endpoint: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        names = list(map(parse_endpoint_name, endpoint or ()))
        begun: list[int] = []
        try:
            begun.extend(
                begin_activation(server, name, visitor.caller)
                for name in names or _endpoints_to_restart(server)
            )
        finally:
            # What is recorded is carried out, even if the next endpoint refuses.
            _run_in_background(server, begun)
        return leave_for(visitor, "/activations?" + urlencode([("id", one) for one in begun]))

    @router.post("/prove")
    def prove(
        visitor: Annotated[Visitor, Depends(door.sender)], endpoint: Annotated[str, Form()]
    ) -> Response:
        prove_endpoint(server, parse_endpoint_name(endpoint))
        return leave_for(visitor, "/")

    @router.get("/activations")
    def show_activations(
        visitor: Annotated[Visitor, Depends(door.visitor)],
        identifiers: Annotated[list[_Identifier], Query(alias="id", max_length=_MOST_SHOWN)],
        seen: str = "",
    ) -> Response:
        activations = [get_activation(server, one) for one in identifiers]
        progress = _progress(activations)
        if seen == progress:
            return Response(status_code=_NO_CONTENT)
        return pages.show(
            "activation.html",
            visitor,
            activations=activations,
            are_own=all(isinstance(one.endpoint, OwnEndpoint) for one in activations),
            is_running=any(one.state is ActivationState.RUNNING for one in activations),
            address="/activations?" + urlencode([("id", one) for one in identifiers]),
            progress=progress,
        )

    return router


def _endpoints_to_restart(server: Server) -> list[EndpointName]:
    """The node's own that serve something else than what is saved; both, to prove them, if none."""
    with server.database.connect() as connection:
        endpoints = list_endpoints(connection)
    differing = [one.name for one in endpoints if one.needs_activation]
    return differing or [one.name for one in endpoints]


def _run_in_background(server: Server, identifiers: Sequence[int]) -> None:
    # A daemon: a node that stops does not wait, its next start activates what is saved anew.
    threading.Thread(
        target=_run_all, args=(server, identifiers), name="activation", daemon=True
    ).start()


def _run_all(server: Server, identifiers: Sequence[int]) -> None:
    for identifier in identifiers:
        try:
            run_activation(server, identifier)
        except Exception:  # noqa: BLE001 - the thread's outermost boundary
            # The record stays under way; the next look at the endpoints brings it to its end.
            _log.exception("activation.interrupted", activation=identifier)


def _progress(activations: Sequence[Activation]) -> str:
    """Changes whenever there is something new to show."""
    return "-".join(
        f"{one.state}.{len(one.steps)}.{sum(step.ok is not None for step in one.steps)}"
        for one in activations
    )
