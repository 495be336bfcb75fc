"""The Certificate Manager: stores, and the certificates in them, a page at a time."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from certwright.database.engine import reading
from certwright.designer.error_pages import status_of
from certwright.designer.manager_address import (
    MANAGER,
    PAGE_SIZE,
    list_address,
    list_parameters,
    read_query,
)
from certwright.designer.manager_choices import (
    columns,
    first_page,
    other_choices,
    status_choices,
)
from certwright.designer.manager_rows import archived_beside, position_text, rows
from certwright.designer.pages import Pages
from certwright.designer.route import DesignerRoute
from certwright.designer.store_tree import store_tree
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError
from certwright.lifecycle.server import Server
from certwright.services.endpoints import list_all_endpoints
from certwright.stores.database import count_by_place
from certwright.stores.listing import page
from certwright.stores.listing_query import ListingQuery
from certwright.stores.place import Location, Place, StoreName, every_place

_USUAL = (StoreName.PERSONAL, StoreName.TRUSTED_ROOT, StoreName.INTERMEDIATE)


def certificate_manager_router(server: Server) -> APIRouter:
    """`/certificates`; what is asked for by htmx is the list without the frame around it."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    def show(
        visitor: Visitor, query: ListingQuery, problem: CertwrightError | None = None
    ) -> Response:
        now = server.now()
        with reading(server.database) as connection:
            counts = count_by_place(connection)
            found = page(connection, query, now, counts)
            endpoints = list_all_endpoints(connection)
        everything = sum(counts.values())
        held = everything if query.place is None else counts.get(query.place, 0)
        first = first_page(query)
        places = [
            place
            for place in every_place()
            if counts.get(place) or place == query.place or _is_usual(place)
        ]
        return pages.show(
            "certificates_found.html" if visitor.in_window else "certificates.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            query=query,
            rows=rows(found, endpoints, now),
            position=position_text(found, archived_beside(found, query, held)),
            previous=list_address(replace(first, before=found.previous)) if found.previous else "",
            next=list_address(replace(first, after=found.next)) if found.next else "",
            branches=store_tree(
                places, counts, lambda place: list_address(replace(first, place=place))
            ),
            held=everything,
            everywhere=list_address(replace(first, place=None)),
            unfiltered=list_address(ListingQuery(place=query.place)),
            first_page=list_address(first),
            statuses=status_choices(query),
            others=other_choices(query),
            columns=columns(query),
            kept=_kept(first),
        )

    @router.get(MANAGER)
    def show_manager(
        request: Request, visitor: Annotated[Visitor, Depends(door.visitor)]
    ) -> Response:
        try:
            query = read_query(request.query_params)
        except CertwrightError as problem:
            return show(visitor, ListingQuery(size=PAGE_SIZE), problem)
        try:
            return show(visitor, query)
        except CertwrightError as problem:
            return show(visitor, first_page(query), problem)

    return router


def _is_usual(place: Place) -> bool:
    if place.location == Location.CURRENT_USER:
        return place.store == StoreName.PERSONAL
    return place.store in _USUAL


def _kept(query: ListingQuery) -> list[tuple[str, str]]:
    """What a search keeps: everything in the address but what was searched for before."""
    return [(name, value) for name, value in list_parameters(query).items() if name != "search"]
