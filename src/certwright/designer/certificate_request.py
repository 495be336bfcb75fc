"""Getting a certificate for an endpoint: from whom, for which names, and how far it came."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from pydantic import Field

from certwright.access.rights import Right, require
from certwright.authorities.records import INTERNAL, AuthorityKind, AuthorityRecord
from certwright.designer.asked_endpoint import PathEndpoint
from certwright.designer.certificate_location import location_address, request_address
from certwright.designer.error_pages import status_of
from certwright.designer.pages import Pages, go_on_to
from certwright.designer.renewal_lines import renewal_line
from certwright.designer.route import DesignerRoute
from certwright.designer.story_steps import progress_of
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.overview import EndpointOverview, find_overview
from certwright.lifecycle.renewal.record import RenewalState
from certwright.lifecycle.renewal.requesting import Ordered, request_certificate
from certwright.lifecycle.renewal.story import Story, has_failed, story_of
from certwright.lifecycle.server import Server
from certwright.rules.environment import Environment
from certwright.services.endpoints import EndpointName, OwnEndpoint
from certwright.x509.keys import KeyType

_NO_CONTENT = 204
_LONGEST = 4000
_Number = Annotated[int, Field(ge=1, lt=2**63)]


def certificate_request_router(server: Server) -> APIRouter:
    """`/settings/ENDPOINT/certificate/new`, and below it each request by its number."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    def form(
        visitor: Visitor,
        name: EndpointName,
        *,
        names: str | None = None,
        authority: str = "",
        problem: CertwrightError | None = None,
    ) -> Response:
        require(visitor.caller, Right.CREATE, "request a certificate")
        shown = find_overview(server, name)
        environment = shown.purpose.environment
        offered = offered_authorities(server.authorities.list(), environment)
        is_cloud = environment is Environment.CLOUD
        has_public = any(one.kind is AuthorityKind.ACME for one in offered)
        best = "" if is_cloud and not has_public else offered[0].name
        return pages.show(
            "certificate_request.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            shown=shown,
            names=" ".join(names_for(server, shown)) if names is None else names,
            authorities=offered,
            chosen=authority or best,
            has_public=has_public,
            is_cloud=is_cloud,
            address=request_address(name),
            back=location_address(name),
        )

    @router.get("/settings/{name:path}/certificate/new")
    def show_form(
        name: PathEndpoint, visitor: Annotated[Visitor, Depends(door.visitor)]
    ) -> Response:
        return form(visitor, name)

    @router.post("/settings/{name:path}/certificate/new")
    def order(
        name: PathEndpoint,
        visitor: Annotated[Visitor, Depends(door.sender)],
        names: Annotated[str, Form(max_length=_LONGEST)] = "",
        authority: Annotated[str, Form(max_length=_LONGEST)] = "",
        key_type: Annotated[KeyType, Form()] = KeyType.EC_P256,
    ) -> Response:
        try:
            if not authority:
                raise _no_authority()
            ordered = Ordered(tuple(names.replace(",", " ").split()), authority, key_type)
            begun = request_certificate(server, ordered, caller=visitor.caller)
        except CertwrightError as problem:
            return form(visitor, name, names=names, authority=authority, problem=problem)
        return go_on_to(f"{request_address(name)}/{begun.id}")

    @router.get("/settings/{name:path}/certificate/new/{number}")
    def show_progress(
        name: PathEndpoint,
        number: _Number,
        visitor: Annotated[Visitor, Depends(door.visitor)],
        seen: str = "",
    ) -> Response:
        with server.database.connect() as connection:
            story = story_of(connection, number)
        progress = progress_of(story)
        if seen == progress:
            return Response(status_code=_NO_CONTENT)
        renewal = story.renewal
        return pages.show(
            "certificate_requested.html",
            visitor,
            name=name,
            renewal=renewal,
            steps=story.steps,
            health=_health(story),
            is_done=renewal.state is RenewalState.DONE and renewal.issued is not None,
            has_failed=has_failed(renewal),
            line=renewal_line(renewal, (), server.now()),
            progress=progress,
            address=f"{request_address(name)}/{number}",
            back=location_address(name, chosen=renewal.issued or ""),
        )

    return router


def offered_authorities(
    records: Sequence[AuthorityRecord], environment: Environment
) -> tuple[AuthorityRecord, ...]:
    """Pure: the best for the environment first; clients outside trust public ones alone."""
    first = AuthorityKind.ACME if environment is Environment.CLOUD else AuthorityKind.INTERNAL
    return tuple(sorted(records, key=lambda one: (one.kind is not first, one.name != INTERNAL)))


def names_for(server: Server, shown: EndpointOverview) -> tuple[str, ...]:
    """What a certificate for the endpoint is proposed to be for."""
    if isinstance(shown.name, OwnEndpoint):
        public = shown.purpose.environment is Environment.CLOUD
        return tuple(one.value for one in server.names if "." in one.value or not public)
    return shown.endpoint.names or (shown.active.names if shown.active else ())


def _health(story: Story) -> str:
    renewal = story.renewal
    if renewal.state is RenewalState.DONE:
        return "good"
    if renewal.state.is_over:
        return "broken"
    return "attention" if has_failed(renewal) or renewal.waits_for_answer else "running"


def _no_authority() -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT, "No authority was chosen.", "Choose who is to issue it."
    )
