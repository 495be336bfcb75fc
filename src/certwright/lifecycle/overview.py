"""In five seconds: is everything served right, until when, and if not, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from certwright.database.engine import reading
from certwright.lifecycle.activation_record import why_put_back
from certwright.lifecycle.judging import judge_all
from certwright.lifecycle.server import Server
from certwright.rules.candidate import Deployment, EndpointChoice
from certwright.rules.deployment import SAVED_NOT_ACTIVE
from certwright.rules.environment import Environment
from certwright.rules.finding import Finding, Severity
from certwright.rules.validity import NEAR_EXPIRY, is_near_expiry, time_left
from certwright.services.endpoints import (
    Choice,
    Endpoint,
    EndpointName,
    list_endpoints,
)
from certwright.stores.database import find_certificate, get_certificate
from certwright.x509.certificate import Certificate
from certwright.x509.text import day

_SAID_BY_THE_SENTENCE = frozenset({NEAR_EXPIRY.code, SAVED_NOT_ACTIVE.code})


class Health(StrEnum):
    """How things stand, for the colour, the icon and the word."""

    GOOD = "good"
    ATTENTION = "attention"
    BROKEN = "broken"


_WORST_FIRST = (Health.BROKEN, Health.ATTENTION, Health.GOOD)


@dataclass(frozen=True)
class EndpointOverview:
    """One endpoint: what is recorded of it, its certificates, and the verdict in a sentence."""

    endpoint: Endpoint
    port: int
    saved: Certificate | None
    active: Certificate | None
    findings: tuple[Finding, ...]
    health: Health
    sentence: str
    refusal: str | None
    """Why what is saved could not be proven when it was tried; None if it was not tried."""


@dataclass(frozen=True)
class Overview:
    """The whole node at a glance."""

    server_name: str
    environment: Environment
    health: Health
    sentence: str
    endpoints: tuple[EndpointOverview, ...]
    at: datetime


def overview(server: Server) -> Overview:
    """Look at every endpoint as recorded, judged by the rules at this moment."""
    with reading(server.database) as connection:
        recorded = list_endpoints(connection)
        choices = tuple(_endpoint_choice(connection, endpoint) for endpoint in recorded)
        findings = _findings(server, connection, recorded, choices)
        endpoints = tuple(
            _endpoint_overview(
                server, connection, endpoint, choice, findings.get(endpoint.name, ())
            )
            for endpoint, choice in zip(recorded, choices, strict=True)
        )
    worst = min(endpoints, key=lambda one: _WORST_FIRST.index(one.health))
    return Overview(
        server_name=server.name,
        environment=server.environment,
        health=worst.health,
        sentence=_whole_sentence(endpoints, worst),
        endpoints=endpoints,
        at=server.now(),
    )


def _endpoint_choice(connection: Connection, endpoint: Endpoint) -> EndpointChoice:
    return EndpointChoice(
        title=endpoint.name.label,
        saved=_certificate(connection, endpoint.saved),
        active=_certificate(connection, endpoint.active),
    )


def _findings(
    server: Server,
    connection: Connection,
    recorded: Sequence[Endpoint],
    choices: tuple[EndpointChoice, ...],
) -> dict[EndpointName, tuple[Finding, ...]]:
    """What the rules say of what each endpoint uses that speaks TLS, judged at once."""
    used = {}
    for position, endpoint in enumerate(recorded):
        choice = _in_use(endpoint)
        if choice.protocol.is_encrypted and choice.certificate is not None:
            others = (*choices[:position], *choices[position + 1 :])
            stored = find_certificate(connection, choice.certificate)
            used[endpoint.name] = (stored, Deployment(choices[position], others))
    judged = judge_all(server, connection, list(used.values()))
    return {
        name: tuple(one for one in findings if one.code not in _SAID_BY_THE_SENTENCE)
        for name, findings in zip(used, judged, strict=True)
    }


def _in_use(endpoint: Endpoint) -> Choice:
    return endpoint.active or endpoint.saved


def _endpoint_overview(
    server: Server,
    connection: Connection,
    endpoint: Endpoint,
    choice: EndpointChoice,
    findings: tuple[Finding, ...],
) -> EndpointOverview:
    refusal = why_put_back(connection, endpoint)
    health, sentence = judge_endpoint(
        endpoint, choice.active, findings, refusal, server.name, server.now()
    )
    return EndpointOverview(
        endpoint=endpoint,
        port=server.ports.of(endpoint.name, _in_use(endpoint).protocol),
        saved=choice.saved,
        active=choice.active,
        findings=findings,
        health=health,
        sentence=sentence,
        refusal=refusal,
    )


def judge_endpoint(
    endpoint: Endpoint,
    active: Certificate | None,
    findings: tuple[Finding, ...],
    refusal: str | None,
    server_name: str,
    now: datetime,
) -> tuple[Health, str]:
    """Pure: the health of an endpoint, and the sentence that says why.

    `refusal` is why what is saved could not be proven when it was tried, None if it was not tried.
    """
    if endpoint.active is None:
        return Health.BROKEN, "It serves nothing yet."
    if not endpoint.active.protocol.is_encrypted:
        health, sentence = _judge_plain(endpoint)
    elif active is None:
        return Health.BROKEN, "It has no certificate."
    else:
        health, sentence = _judge_served(endpoint, active, findings, server_name, now)
    if endpoint.needs_activation and health is not Health.BROKEN:
        if refusal is not None:
            return Health.ATTENTION, (
                "What is saved could not be proven, so the former was put back and is served. "
                f"{refusal} Select another certificate."
            )
        return Health.ATTENTION, (
            "What is saved differs from what is served. Restart the server to use it."
        )
    return health, sentence


def _judge_plain(endpoint: Endpoint) -> tuple[Health, str]:
    if not endpoint.is_proven:
        return Health.BROKEN, "It did not answer when last looked at from outside."
    return Health.ATTENTION, "Answers in the clear: anybody on the way can read."


def _judge_served(
    endpoint: Endpoint,
    active: Certificate,
    findings: tuple[Finding, ...],
    server_name: str,
    now: datetime,
) -> tuple[Health, str]:
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        return Health.BROKEN, " ".join(finding.message for finding in errors)
    if not endpoint.is_proven:
        return Health.BROKEN, "The last handshake from outside did not prove it."
    until = f"Right for {server_name} until {day(active.not_after)} ({time_left(active, now)})."
    warnings = [one.message for one in findings if one.severity is Severity.WARNING]
    if is_near_expiry(active, now):
        warnings.insert(0, "Select its successor soon.")
    if warnings:
        return Health.ATTENTION, " ".join((until, *warnings))
    return Health.GOOD, until


def _whole_sentence(endpoints: tuple[EndpointOverview, ...], worst: EndpointOverview) -> str:
    if worst.health is not Health.GOOD:
        return f"{worst.endpoint.name.label}: {worst.sentence}"
    first = min(one.active.not_after for one in endpoints if one.active is not None)
    return f"All endpoints are proven. The first certificate to run out is good until {day(first)}."


def _certificate(connection: Connection, choice: Choice | None) -> Certificate | None:
    if choice is None or choice.certificate is None:
        return None
    return get_certificate(connection, choice.certificate)
