"""The dead man's alarm: measured on the certificate that is really served, whatever else works.

A renewal can be reported as done and never served, or not even be tried because its scheduler is
dead; both happened to others (certbot issue 3499, win-acme issue 2289). So the web application, and
not the worker, looks at the latest handshake alone, and asks only how much time is left.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, func

from certwright.database.facts import keep_fact, read_fact
from certwright.database.node_views import THIS_NODE
from certwright.errors import CertwrightError
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.renewal.due import ACTOR, plan_for
from certwright.lifecycle.server import Server
from certwright.services.endpoints import Endpoint, list_all_endpoints
from certwright.stores.database import find_certificate
from certwright.stores.store import StoredCertificate
from certwright.x509.text import day

_FACT = func.concat("alarms-sounded ", THIS_NODE)


class Alarm(StrEnum):
    """How late it is."""

    LATE = "late"
    """A quarter of the lifetime is left: the renewal should have been done long ago."""
    URGENT = "urgent"
    """A tenth of it is left."""
    EXPIRED = "expired"


_LATE, _URGENT = 0.25, 0.1
_STRANGE = "It is not in the store, so nobody here renews it: select one that is, and activate it."


@dataclass(frozen=True)
class Served:
    """What a client is given: the leaf's fingerprint, and from when until when it is good."""

    fingerprint: str
    not_before: datetime
    not_after: datetime


def alarm_for(served: Served, now: datetime) -> Alarm | None:
    """How late it is for what is served; None while there is time."""
    if served.not_after <= now:
        return Alarm.EXPIRED
    lifetime = served.not_after - served.not_before
    if lifetime <= timedelta():  # whoever made it: what is left is measured all the same
        return Alarm.URGENT
    left = (served.not_after - now) / lifetime
    if left < _URGENT:
        return Alarm.URGENT
    return Alarm.LATE if left < _LATE else None


@dataclass(frozen=True)
class Sounding:
    """An alarm at an endpoint, and its words."""

    endpoint: Endpoint
    alarm: Alarm
    sentence: str


def soundings(server: Server, connection: Connection) -> tuple[Sounding, ...]:
    """The endpoints for whose served certificate it is late."""
    return tuple(
        Sounding(endpoint, alarm, _sentence(server, connection, endpoint, served, alarm))
        for endpoint in list_all_endpoints(connection)
        if (served := _served(connection, endpoint)) is not None
        and (alarm := alarm_for(served, server.now())) is not None
    )


def sound_alarms(server: Server) -> None:
    """Record an event for each alarm, once for each degree of it and each certificate."""
    with server.database.begin() as connection:
        sounded = _sounded(connection)
        now_sounding = {}
        for one in soundings(server, connection):
            name, key = str(one.endpoint.name), _key(one)
            now_sounding[name] = key
            if sounded.get(name) != key:
                kind = "certificate-expired" if one.alarm is Alarm.EXPIRED else "expiry-alarm"
                event = Event(server.now(), ACTOR, kind, name, one.sentence, good=False)
                record_event(connection, event)
        if now_sounding != sounded:
            keep_fact(connection, _FACT, now_sounding)


def sounding_endpoints(connection: Connection) -> frozenset[str]:
    """The endpoints for which an alarm sounded and still holds."""
    return frozenset(_sounded(connection))


def _served(connection: Connection, endpoint: Endpoint) -> Served | None:
    """What the latest handshake got, in the store or not; else what was activated last."""
    choice = endpoint.active or endpoint.saved
    if not choice.protocol.is_encrypted:
        return None
    chain: list[dict[str, str]] = (endpoint.proof or {}).get("chain", [])
    if chain and "not_before" in chain[0]:
        leaf = chain[0]
        begin, end = (datetime.fromisoformat(leaf[one]) for one in ("not_before", "not_after"))
        return Served(leaf["fingerprint"], begin, end)
    # No handshake came about, or its proof is of a release that did not write down the beginning.
    known = None if choice.certificate is None else _known(connection, choice.certificate)
    if known is None:
        return None
    certificate = known.certificate
    return Served(certificate.fingerprint, certificate.not_before, certificate.not_after)


def _known(connection: Connection, fingerprint: str) -> StoredCertificate | None:
    try:
        return find_certificate(connection, fingerprint)
    except CertwrightError:  # somebody else's, put there by hand; the proof says so
        return None


def _sentence(
    server: Server,
    connection: Connection,
    endpoint: Endpoint,
    served: Served,
    alarm: Alarm,
) -> str:
    known = _known(connection, served.fingerprint)
    why = _STRANGE if known is None else plan_for(server, connection, known, None).moment.reason
    when = day(served.not_after)
    what = (
        f"What {endpoint.name.in_words} serves ran out on {when}."
        if alarm is Alarm.EXPIRED
        else f"What {endpoint.name.in_words} serves runs out on {when} and was not renewed yet."
    )
    return f"{what} {why}"


def _key(sounding: Sounding) -> str:
    seen = (sounding.endpoint.proof or {}).get("served_fingerprint", "")
    return f"{sounding.alarm} {seen}"


def _sounded(connection: Connection) -> dict[str, str]:
    value: dict[str, str] | None = read_fact(connection, _FACT)
    return value or {}
