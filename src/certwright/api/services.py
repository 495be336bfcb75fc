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
    PlannedEndpoint,
    ServicePlan,
    ServiceToAdd,
    forget_service,
    known_kinds,
    plan_service,
    take_on_service,
)
from certwright.lifecycle.services.resetting import reset_service
from certwright.machine.services.service import Option, ServiceReference
from certwright.rules.environment import Environment
from certwright.services.endpoints import Endpoint, ServiceEndpoint, list_service_endpoints
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


def services_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """List, show, look at one as a plan, take it on, and forget it."""
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
        "endpoints": [_endpoint(service, endpoint) for endpoint in endpoints],
    }


def _endpoint(service: RegisteredService, endpoint: Endpoint) -> Document:
    return {
        "name": endpoint.name,
        "environment": service.environment.value,
        "names": list(endpoint.names),
        "addresses": [asdict(address) for address in endpoint.addresses],
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


def _plan(plan: ServicePlan) -> Document:
    return {
        "name": plan.name,
        "kind": plan.found.kind,
        "machine": "local",
        "configuration": plan.found.configuration,
        "version": plan.found.version,
        "activation": plan.found.activation,
        "interrupts": plan.found.interrupts,
        "notes": list(plan.found.notes),
        "endpoints": [_planned(plan.name, one) for one in plan.endpoints],
    }


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
        "addresses": [asdict(address) for address in planned.found.addresses],
        "place": planned.found.place,
        "notes": list(planned.found.notes),
        "certificate": certificate,
        "findings": [finding_document(finding) for finding in planned.findings],
    }
