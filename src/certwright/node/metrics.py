"""Numbers for Prometheus, read from the record at the moment they are asked for."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, select

from certwright.database.engine import reading
from certwright.database.tables import certificates
from certwright.lifecycle.endpoint_health import Health
from certwright.lifecycle.overview import Overview, overview
from certwright.lifecycle.renewal.due import Outlook, Plan
from certwright.lifecycle.renewal.record import (
    RenewalState,
    count_by_state,
    failed_attempts,
)
from certwright.lifecycle.renewal.unused import unused_and_expiring
from certwright.lifecycle.server import Server
from certwright.lifecycle.telling.record import list_records
from certwright.services.endpoints import Endpoint, list_all_endpoints

_BY_ENDPOINT = ("endpoint",)


def metrics_text(server: Server) -> str:
    """Endpoints, renewals and channels, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Numbers(server))
    return generate_latest(registry).decode()


class _Numbers(Collector):
    """Everything from one look at the database."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing beforehand: to name them all means to read them all."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each number with its labels."""
        with reading(self._server.database) as connection:
            endpoints = list_all_endpoints(connection)
            yield from self._of_endpoints(connection, endpoints)
            yield from self._of_what_is_served(connection, endpoints)
            yield from _of_renewals(connection)
            yield GaugeMetricFamily(
                "certwright_unused_certificates_expiring",
                "Certificates that no endpoint uses and that run out soon.",
                value=len(unused_and_expiring(self._server, connection)),
            )
            yield _of_channels(connection)
        seen = overview(self._server)
        yield _next_renewals(seen.plans)
        yield _health(seen)

    def _of_endpoints(
        self, connection: Connection, endpoints: tuple[Endpoint, ...]
    ) -> Iterator[GaugeMetricFamily]:
        expiry = GaugeMetricFamily(
            "certwright_endpoint_certificate_not_after_seconds",
            "When the certificate that is active at the endpoint runs out, as Unix time.",
            labels=_BY_ENDPOINT,
        )
        proven = GaugeMetricFamily(
            "certwright_endpoint_proven",
            "1 if the latest handshake from outside proved the endpoint.",
            labels=_BY_ENDPOINT,
        )
        age = GaugeMetricFamily(
            "certwright_endpoint_proof_age_seconds",
            "How long ago the latest handshake from outside was tried.",
            labels=_BY_ENDPOINT,
        )
        active = {one.name: one.active.certificate for one in endpoints if one.active is not None}
        lifetimes = _lifetimes(connection, set(active.values()))
        for one in endpoints:
            if (lifetime := lifetimes.get(active.get(one.name))) is not None:
                expiry.add_metric([one.name], lifetime[1].timestamp())
            proven.add_metric([one.name], one.is_proven)
            if one.proof is not None:
                looked_at = datetime.fromisoformat(one.proof["at"])
                age.add_metric([one.name], (self._server.now() - looked_at).total_seconds())
        yield from (expiry, proven, age)

    def _of_what_is_served(
        self, connection: Connection, endpoints: tuple[Endpoint, ...]
    ) -> Iterator[GaugeMetricFamily]:
        seconds = GaugeMetricFamily(
            "certwright_endpoint_served_seconds_left",
            "Until what the latest handshake was really served runs out; negative once it has.",
            labels=_BY_ENDPOINT,
        )
        ratio = GaugeMetricFamily(
            "certwright_endpoint_served_lifetime_left_ratio",
            "The same as a part of its lifetime, where the certificate is in the store.",
            labels=_BY_ENDPOINT,
        )
        served = {one.name: leaf for one in endpoints if (leaf := _served(one)) is not None}
        lifetimes = _lifetimes(connection, {leaf["fingerprint"] for leaf in served.values()})
        for name, leaf in served.items():
            left = datetime.fromisoformat(leaf["not_after"]) - self._server.now()
            seconds.add_metric([name], left.total_seconds())
            begin, end = lifetimes.get(leaf["fingerprint"]) or (None, None)
            if begin is not None and end is not None and begin < end:
                ratio.add_metric([name], left / (end - begin))
        yield from (seconds, ratio)


def _next_renewals(plans: Iterable[Plan]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "certwright_endpoint_next_renewal_seconds",
        "When its certificate is renewed by itself, as Unix time; absent where it is not.",
        labels=_BY_ENDPOINT,
    )
    for plan in plans:
        if plan.trouble or plan.outlook is Outlook.HELD:
            continue
        for endpoint in plan.endpoints:
            family.add_metric([endpoint.name], plan.moment.at.timestamp())
    return family


def _health(seen: Overview) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "certwright_endpoint_good",
        "1 if an endpoint is right in every respect, 0 if it needs attention.",
        labels=_BY_ENDPOINT,
    )
    for one in seen.all_endpoints:
        family.add_metric([one.name], one.health is Health.GOOD)
    return family


def _of_renewals(connection: Connection) -> Iterator[GaugeMetricFamily]:
    family = GaugeMetricFamily(
        "certwright_renewals", "Renewals on record, by how they stand.", labels=("state",)
    )
    counted = count_by_state(connection)
    for state in RenewalState:
        family.add_metric([state], counted.get(state, 0))
    yield family
    yield GaugeMetricFamily(
        "certwright_renewal_failed_attempts",
        "Attempts that failed, of the renewals that are not over.",
        value=failed_attempts(connection),
    )


def _of_channels(connection: Connection) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "certwright_telling_failed_attempts",
        "Attempts to tell people that failed since one succeeded.",
        labels=("channel",),
    )
    for record in list_records(connection):
        family.add_metric([record.channel], record.attempts)
    return family


def _served(endpoint: Endpoint) -> dict[str, str] | None:
    """The leaf of the latest handshake's chain, as it stands in the proof."""
    chain: list[dict[str, str]] = (endpoint.proof or {}).get("chain", [])
    return chain[0] if chain else None


def _lifetimes(
    connection: Connection, fingerprints: set[str | None]
) -> dict[str | None, tuple[datetime, datetime]]:
    rows = connection.execute(
        select(
            certificates.c.fingerprint, certificates.c.not_before, certificates.c.not_after
        ).where(certificates.c.fingerprint.in_(fingerprints - {None}))
    )
    return {row.fingerprint: (row.not_before, row.not_after) for row in rows}
