"""In five seconds: is everything served right, until when, and if not, what to do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from certwright.database.engine import reading
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation_record import why_put_back
from certwright.lifecycle.endpoint_health import (
    Health,
    can_be_looked_at,
    errors_of,
    judge_endpoint,
)
from certwright.lifecycle.judging import Purpose, judge_all, own_purpose, service_purpose
from certwright.lifecycle.renewal.due import Plan, plans
from certwright.lifecycle.renewal.preferences import quiet_hours
from certwright.lifecycle.server import Server
from certwright.rules.candidate import Deployment, EndpointChoice
from certwright.rules.deployment import SAVED_NOT_ACTIVE
from certwright.rules.environment import Environment
from certwright.rules.finding import Finding
from certwright.rules.validity import NEAR_EXPIRY
from certwright.services.endpoints import (
    Choice,
    Endpoint,
    EndpointName,
    OwnEndpoint,
    ServiceEndpoint,
    list_all_endpoints,
)
from certwright.services.registered import RegisteredService, list_services
from certwright.stores.database import entries_of
from certwright.stores.store import StoredCertificate
from certwright.x509.certificate import Certificate
from certwright.x509.text import day

_SAID_BY_THE_SENTENCE = frozenset({NEAR_EXPIRY.code, SAVED_NOT_ACTIVE.code})


_WORST_FIRST = (Health.BROKEN, Health.ATTENTION, Health.GOOD)


@dataclass(frozen=True)
class EndpointOverview:
    """One endpoint: what is recorded of it, its certificates, and the verdict in a sentence.

    `port` is where one of the node's own is reached; those of services have addresses.
    """

    endpoint: Endpoint
    port: int
    purpose: Purpose
    saved: Certificate | None
    active: Certificate | None
    findings: tuple[Finding, ...]
    health: Health
    sentence: str
    refusal: str | None
    """Why what is saved could not be proven when it was tried; None if it was not tried."""
    plan: Plan | None
    """What is to happen to its certificate; None where it uses none."""

    @property
    def name(self) -> EndpointName:
        """Which endpoint."""
        return self.endpoint.name

    @property
    def told_plan(self) -> Plan | None:
        """What is to happen to its certificate, where its sentence warns of that; else None."""
        is_told = self.plan is not None and self.plan.trouble and self.health is Health.ATTENTION
        return self.plan if is_told else None

    @property
    def serves_for(self) -> str:
        """The name that clients call it by, as far as that is known."""
        return self.purpose.names[0].display if self.purpose.names else self.name.label


@dataclass(frozen=True)
class ServiceOverview:
    """A service that is cared for beside the node itself, and its endpoints."""

    service: RegisteredService
    endpoints: tuple[EndpointOverview, ...]


@dataclass(frozen=True)
class Overview:
    """The whole node at a glance: `endpoints` are its own, `services` those beside them.

    Health and sentence are those of all endpoints. `plans` are what is to happen to the
    certificates in use, the next to happen first.
    """

    server_name: str
    environment: Environment
    health: Health
    sentence: str
    endpoints: tuple[EndpointOverview, ...]
    services: tuple[ServiceOverview, ...]
    plans: tuple[Plan, ...]
    at: datetime

    @property
    def all_endpoints(self) -> tuple[EndpointOverview, ...]:
        """The node's own, then those of services."""
        return (*self.endpoints, *(one for each in self.services for one in each.endpoints))

    def says(self, plan: Plan | None) -> bool:
        """Whether its sentence tells already why what `plan` is of is not renewed by itself."""
        return plan is not None and _worst(self.all_endpoints).told_plan == plan


@dataclass(frozen=True)
class _Recorded:
    """An endpoint, what its certificate is for, and which it has saved and active."""

    endpoint: Endpoint
    purpose: Purpose
    saved: StoredCertificate | None
    active: StoredCertificate | None

    @property
    def service(self) -> str:
        """The name of its service, "" for the node's own."""
        name = self.endpoint.name
        return name.service if isinstance(name, ServiceEndpoint) else ""

    @property
    def in_use(self) -> StoredCertificate | None:
        """What is judged: a service's lies, with its private key, where the service has it."""
        if not _in_use(self.endpoint).protocol.is_encrypted:
            return None
        if self.endpoint.active is None:
            return self.saved
        if self.active is not None and self.service:
            return replace(self.active, has_private_key=True)
        return self.active

    @cached_property
    def choice(self) -> EndpointChoice:
        """As the rules know it."""
        return EndpointChoice(
            title=self.endpoint.name.label,
            saved=self.saved.certificate if self.saved else None,
            active=self.active.certificate if self.active else None,
        )


def overview(server: Server) -> Overview:
    """Look at every endpoint as recorded, judged by the rules at this moment."""
    with reading(server.database) as connection:
        services = list_services(connection)
        recorded = _recorded(server, connection, services)
        findings = _findings(server, connection, recorded)
        planned = plans(server, connection, quiet_hours(connection, server.zone))
        plan_of = {endpoint.name: plan for plan in planned for endpoint in plan.endpoints}
        endpoints = tuple(
            _endpoint_overview(
                server,
                connection,
                one,
                findings.get(one.endpoint.name, ()),
                plan_of.get(one.endpoint.name),
            )
            for one in recorded
        )
    worst = _worst(endpoints)
    return Overview(
        server_name=server.name,
        environment=server.environment,
        health=worst.health,
        sentence=_whole_sentence(endpoints, worst),
        endpoints=tuple(one for one in endpoints if isinstance(one.name, OwnEndpoint)),
        services=tuple(
            ServiceOverview(service, tuple(_of_service(service, endpoints))) for service in services
        ),
        plans=planned,
        at=server.now(),
    )


def _worst(endpoints: tuple[EndpointOverview, ...]) -> EndpointOverview:
    return min(endpoints, key=lambda one: (_WORST_FIRST.index(one.health), *_urgency(one)))


def _urgency(one: EndpointOverview) -> tuple[bool, float]:
    """Of those that are as bad, what is not served right comes before what will not be renewed."""
    plan = one.told_plan
    return (False, 0) if plan is None else (True, plan.moment.at.timestamp())


def find_overview(server: Server, name: EndpointName) -> EndpointOverview:
    """How the endpoint `name` stands now; raises NOT_FOUND."""
    for one in overview(server).all_endpoints:
        if one.name == name:
            return one
    raise CertwrightError(
        ErrorCode.NOT_FOUND,
        f"There is no endpoint {name}.",
        "Look at the main window which there are.",
    )


def _of_service(
    service: RegisteredService, endpoints: Iterable[EndpointOverview]
) -> Iterable[EndpointOverview]:
    return (
        one
        for one in endpoints
        if isinstance(one.name, ServiceEndpoint) and one.name.service == service.name
    )


def _recorded(
    server: Server, connection: Connection, services: Sequence[RegisteredService]
) -> tuple[_Recorded, ...]:
    by_name = {one.name: one for one in services}
    endpoints = list_all_endpoints(connection)
    choices = [choice for one in endpoints for choice in (one.saved, one.active) if choice]
    stored = entries_of(connection, {one.certificate for one in choices if one.certificate})
    return tuple(
        _Recorded(
            endpoint=one,
            purpose=purpose,
            saved=stored.get(one.saved.certificate or ""),
            active=stored.get((one.active and one.active.certificate) or ""),
        )
        for one in endpoints
        if (purpose := _purpose(server, by_name, one)) is not None
    )


def _purpose(
    server: Server, services: Mapping[str, RegisteredService], endpoint: Endpoint
) -> Purpose | None:
    """What its certificate is for; None where its service came or went at this very moment."""
    if isinstance(endpoint.name, OwnEndpoint):
        return own_purpose(server)
    service = services.get(endpoint.name.service)
    return None if service is None else service_purpose(service, endpoint)


def _findings(
    server: Server, connection: Connection, recorded: Sequence[_Recorded]
) -> dict[EndpointName, tuple[Finding, ...]]:
    """What the rules say of what each endpoint uses that speaks TLS, judged at once."""
    used = [(one, stored) for one in recorded if (stored := one.in_use) is not None]
    entries = [(stored, _deployment(one, recorded), one.purpose) for one, stored in used]
    judged = judge_all(server, connection, entries)
    return {
        one.endpoint.name: tuple(each for each in found if each.code not in _SAID_BY_THE_SENTENCE)
        for (one, _), found in zip(used, judged, strict=True)
    }


def _deployment(one: _Recorded, recorded: Sequence[_Recorded]) -> Deployment:
    others = (each for each in recorded if each.service == one.service and each is not one)
    return Deployment(one.choice, tuple(each.choice for each in others))


def _in_use(endpoint: Endpoint) -> Choice:
    return endpoint.active or endpoint.saved


def _endpoint_overview(
    server: Server,
    connection: Connection,
    one: _Recorded,
    findings: tuple[Finding, ...],
    plan: Plan | None,
) -> EndpointOverview:
    endpoint = one.endpoint
    refusal = why_put_back(connection, endpoint) if endpoint.needs_activation else None
    names = one.purpose.names
    health, sentence = judge_endpoint(
        endpoint,
        one.choice.active,
        findings,
        refusal,
        names[0].display if names else endpoint.name.label,
        server.now(),
    )
    if plan is not None and plan.trouble and health is not Health.BROKEN:
        health = Health.ATTENTION
        sentence = f"{sentence} {plan.warning}"
    return EndpointOverview(
        endpoint=endpoint,
        port=server.port_of(endpoint.name, _in_use(endpoint).protocol),
        purpose=one.purpose,
        saved=one.choice.saved,
        active=one.choice.active,
        findings=findings,
        health=health,
        sentence=sentence,
        refusal=refusal,
        plan=plan,
    )


def _whole_sentence(endpoints: tuple[EndpointOverview, ...], worst: EndpointOverview) -> str:
    if worst.health is not Health.GOOD:
        return f"{worst.name.label}: {_in_short(worst)}"
    first = min(one.active.not_after for one in endpoints if one.active is not None)
    unseen = sum(not can_be_looked_at(one.endpoint) for one in endpoints)
    but = f" but {unseen} of unknown address" if unseen else ""
    return (
        f"All endpoints{but} are proven. The first certificate to run out is good until "
        f"{day(first)}."
    )


def _in_short(one: EndpointOverview) -> str:
    """Of several errors the first: all of them stand with the endpoint itself."""
    errors = errors_of(one.findings)
    if one.health is not Health.BROKEN or len(errors) < 2:
        return one.sentence
    return f"{errors[0].message} And {len(errors) - 1} more."
