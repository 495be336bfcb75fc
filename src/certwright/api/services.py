"""REST: the services that use certificates."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from certwright.access.rights import Caller
from certwright.api.authentication import CallerOf
from certwright.api.documents import Document
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.checking_document import finding_document
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.adding import (
    ServicePlan,
    ServiceToAdd,
    forget_service,
    known_kinds,
    plan_service,
    take_on_service,
)
from certwright.lifecycle.services.looking import LookedAt, look_again, take_on_look
from certwright.lifecycle.services.planning import PlannedEndpoint
from certwright.lifecycle.services.resetting import reset_service
from certwright.machine.services.service import Address, FoundService, Option, ServiceReference
from certwright.rules.environment import Environment
from certwright.services.endpoints import Endpoint, ServiceEndpoint, list_service_endpoints
from certwright.services.latest_look import LatestLook
from certwright.services.registered import RegisteredService, get_service, list_services
from certwright.x509.text import rfc3339

_Options = Annotated[dict[str, Annotated[str, Field(max_length=2000)]], Field(max_length=50)]


class WantedService(BaseModel):
    """A service to care for; `configuration` is "" where its kind usually has it."""

    kind: str = Field(max_length=100)
    name: str = Field(default="", max_length=100)
    configuration: str = Field(default="", max_length=2000)
    options: _Options = Field(default_factory=dict)
    environment: str = Field(default="", max_length=100)


class AgreedLook(BaseModel):
    """A yes to what a look showed, by the `mark` of that."""

    mark: str = Field(max_length=100)


def services_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """List, show, look at one as a plan, take it on, look again, and forget it."""
    router = APIRouter(prefix="/services", tags=["services"])
    authenticated = Depends(caller_of)

    @router.get("", dependencies=[authenticated])
    def list_all() -> list[Document]:
        """All that are cared for, with their endpoints."""
        return service_documents(server)

    @router.get("/{name}", dependencies=[authenticated])
    def show(name: str) -> Document:
        """One service, with its endpoints."""
        with server.database.connect() as connection:
            service = get_service(connection, name)
            endpoints = list_service_endpoints(connection, name)
        return service_document(service, endpoints)

    @router.post("/plans")
    def plan(wanted: WantedService, caller: Annotated[Caller, authenticated]) -> Document:
        """What would be taken on; nothing is changed."""
        return _plan(plan_service(server, _wanted(server, wanted), caller))

    @router.post("", status_code=201)
    def take_on(wanted: WantedService, caller: Annotated[Caller, authenticated]) -> Document:
        """Care for a service from now on."""
        taken_on = take_on_service(server, _wanted(server, wanted), caller)
        return _plan(taken_on)

    @router.post("/{name}/plans")
    def look(name: str, caller: Annotated[Caller, authenticated]) -> Document:
        """What its configuration has now that is not on record; what is cared for stays so."""
        return _looked_at(look_again(server, name, caller))

    @router.post("/{name}/look")
    def agree(name: str, agreed: AgreedLook, caller: Annotated[Caller, authenticated]) -> Document:
        """Care for what is new there, and no longer for what is gone."""
        return _looked_at(take_on_look(server, name, agreed.mark, caller))

    @router.delete("/{name}", status_code=204)
    def forget(name: str, caller: Annotated[Caller, authenticated]) -> Response:
        """Care for it no longer; what it serves stays as it is."""
        forget_service(server, name, caller)
        return Response(status_code=204)

    @router.post("/{name}/{endpoint}/reset")
    def reset(name: str, endpoint: str, caller: Annotated[Caller, authenticated]) -> Document:
        """Remove its TLS settings and restart it: the way out for whoever is locked out."""
        places = reset_service(server, ServiceEndpoint(f"{name}/{endpoint}"), caller)
        return {"service": name, "removed": list(places)}

    return router


def service_documents(server: Server) -> list[Document]:
    """All services in the contract's shape."""
    with server.database.connect() as connection:
        return [
            service_document(service, list_service_endpoints(connection, service.name))
            for service in list_services(connection)
        ]


def service_document(service: RegisteredService, endpoints: tuple[Endpoint, ...]) -> Document:
    """A service in the contract's shape."""
    return {
        "name": service.name,
        "kind": service.kind,
        "machine": service.machine,
        "configuration": service.configuration,
        "options": {option.name: option.value for option in service.options},
        "version": service.version,
        "activation": service.activation,
        "interrupts": service.interrupts,
        "notes": list(service.notes),
        "look": _look(service.latest_look),
        "endpoints": [_endpoint(service, endpoint) for endpoint in endpoints],
    }


def _endpoint(service: RegisteredService, endpoint: Endpoint) -> Document:
    return {
        "name": endpoint.name,
        "environment": service.environment.value,
        "names": list(endpoint.names),
        "addresses": _addresses(endpoint.addresses),
        "saved": endpoint.saved.certificate,
        "active": endpoint.active.certificate if endpoint.active else None,
        "version": endpoint.version,
        "proof": endpoint.proof,
    }


def _wanted(server: Server, wanted: WantedService) -> ServiceToAdd:
    if wanted.kind not in known_kinds():
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"There is no kind of service {wanted.kind!r}.",
            f"Choose one of: {', '.join(known_kinds())}.",
        )
    options = tuple(Option(name, value) for name, value in sorted(wanted.options.items()))
    return ServiceToAdd(
        ServiceReference(wanted.kind, wanted.configuration, options),
        wanted.name,
        _environment(wanted.environment) if wanted.environment else server.environment,
    )


def _environment(text: str) -> Environment:
    try:
        return Environment(text)
    except ValueError:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"There is no environment {text!r}.",
            f"Choose one of: {', '.join(Environment)}.",
        ) from None


def _look(look: LatestLook) -> Document:
    return {
        "at": rfc3339(look.at) if look.at else None,
        "new": list(look.new),
        "gone": list(look.gone),
        "changed": list(look.changed),
        "failure": look.failure,
        "sentence": look.sentence,
    }


def _plan(plan: ServicePlan) -> Document:
    return {
        **_found(plan.name, plan.found),
        "endpoints": [_planned(plan.name, one) for one in plan.endpoints],
    }


def _looked_at(seen: LookedAt) -> Document:
    name = seen.service.name
    return {
        **_found(name, seen.found),
        "look": _look(seen.service.latest_look),
        "new": [_planned(name, one) for one in seen.new],
        "gone": [one.name for one in seen.gone],
        "changed": [
            {
                "name": one.name,
                "names": list(found.names or one.names),
                "addresses": _addresses(found.addresses),
                "former_names": list(one.names),
                "former_addresses": _addresses(one.addresses),
            }
            for one, found in seen.changed
        ],
        "stays": [one.name for one in seen.stays],
        "mark": seen.mark,
    }


def _found(name: str, found: FoundService) -> Document:
    return {
        "name": name,
        "kind": found.kind,
        "machine": "local",
        "configuration": found.configuration,
        "version": found.version,
        "activation": found.activation,
        "interrupts": found.interrupts,
        "notes": list(found.notes),
    }


def _addresses(addresses: tuple[Address, ...]) -> list[Document]:
    return [asdict(address) for address in addresses]


def _planned(service: str, planned: PlannedEndpoint) -> Document:
    certificate: dict[str, Any] | None = None
    if planned.certificate is not None:
        certificate = {
            "common_name": planned.certificate.common_name,
            "thumbprint": planned.certificate.thumbprint,
            "fingerprint": planned.certificate.fingerprint,
            "not_after": rfc3339(planned.certificate.not_after),
        }
    return {
        "name": f"{service}/{planned.found.name}",
        "names": list(planned.found.names),
        "addresses": _addresses(planned.found.addresses),
        "place": planned.found.place,
        "notes": list(planned.found.notes),
        "certificate": certificate,
        "findings": [finding_document(finding) for finding in planned.findings],
    }
