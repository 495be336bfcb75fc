"""Renewals and plans as they stand on record, for what is pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from certwright.lifecycle.activation_record import Step
from certwright.lifecycle.renewal.due import Outlook, Plan
from certwright.lifecycle.renewal.record import Renewal, RenewalState, Wanted
from certwright.lifecycle.renewal.story import Story, StoryStep
from certwright.lifecycle.renewal.timing import Moment
from certwright.services.endpoints import (
    Choice,
    Endpoint,
    EndpointName,
    OwnEndpoint,
    RenewalKey,
    WebServerProtocol,
)
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType
from certwright.x509.names import parse_certificate_name

from ..foreign_authority import ForeignAuthority

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def certificate(days: float = 47) -> Certificate:
    """One that begins now."""
    authority = ForeignAuthority(NOW, "Company")
    names, end = ["todd.corp.example"], NOW + timedelta(days)
    return authority.issue(names, not_before=NOW, not_after=end).leaf


def endpoint(name: EndpointName, served: Certificate) -> Endpoint:
    choice = Choice(WebServerProtocol.HTTPS, served.fingerprint)
    return Endpoint(name, choice, choice, {"verdict": "pass"}, 1)


def plan(
    served: Certificate,
    *names: EndpointName,
    outlook: Outlook = Outlook.PLANNED,
    days: float = 30,
    renewal: Renewal | None = None,
) -> Plan:
    """The plan for `served`, so many days from now."""
    endpoints = tuple(endpoint(name, served) for name in names or (OwnEndpoint.WEB_SERVER,))
    moment = Moment(NOW + timedelta(days), "About two thirds of its lifetime are over then.")
    authority = None if outlook is Outlook.NOBODY else "internal"
    return Plan(served, endpoints, authority, outlook, moment, renewal)


def renewal(state: RenewalState = RenewalState.WORKING, **more: Any) -> Renewal:
    """The renewal numbered 7; `more` are its other values."""
    wanted = Wanted(
        certificate="ab" * 32,
        names=(parse_certificate_name("todd.corp.example"),),
        authority="letsencrypt",
        key=RenewalKey.NEW,
        key_type=KeyType.EC_P256,
        lifetime=timedelta(47),
        actor="node",
        reason="About two thirds of its lifetime are over then.",
    )
    begun = Renewal(
        id=7,
        node="todd-1",
        waits={},
        wanted=wanted,
        state=state,
        key_fingerprint=None,
        memory={},
        issued=None,
        agreed=False,
        attempts=0,
        sentence="",
        again_at=None,
        steps=(),
        started_at=NOW,
        finished_at=None,
    )
    return replace(begun, **more)


def failed(sentence: str = "The policy forbids todd.") -> Renewal:
    """One that is tried again in an hour."""
    return renewal(
        RenewalState.WAITING,
        sentence=sentence,
        attempts=2,
        key_fingerprint="cd" * 32,
        again_at=NOW + timedelta(hours=1),
        steps=(step("key"), step("attempt", ok=False)),
    )


def asking() -> Renewal:
    """One that waits for somebody's agreement."""
    return renewal(
        RenewalState.ASKING,
        key_fingerprint="cd" * 32,
        issued="ef" * 32,
        steps=(step("key"), step("issue"), step("check"), step("compare", ok=False)),
    )


def step(name: str, *, ok: bool | None = True) -> Step:
    return Step(name, ok, f"What {name} came to.", NOW.isoformat())


def story(of: Renewal, steps: Sequence[tuple[str, bool | None, EndpointName | None]]) -> Story:
    """Its story, a second from step to step."""
    return Story(
        of,
        tuple(
            StoryStep(NOW + timedelta(seconds=number), name, ok, f"What {name} came to.", where)
            for number, (name, ok, where) in enumerate(steps)
        ),
    )
