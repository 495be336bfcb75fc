"""Numbers for Prometheus, read from the record at the moment they are asked for."""

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from certwright.lifecycle.overview import Health, overview
from certwright.lifecycle.server import Server


def metrics_text(server: Server) -> str:
    """Each endpoint's expiry, proof and health, in Prometheus' text format."""
    registry = CollectorRegistry()
    labels = ["endpoint"]
    expiry = Gauge(
        "certwright_endpoint_certificate_not_after_seconds",
        "When the certificate that is active at the endpoint runs out, as Unix time.",
        labels,
        registry=registry,
    )
    proven = Gauge(
        "certwright_endpoint_proven",
        "1 if the latest handshake from outside proved the endpoint.",
        labels,
        registry=registry,
    )
    good = Gauge(
        "certwright_endpoint_good",
        "1 if the endpoint is right in every respect, 0 if it needs somebody's attention.",
        labels,
        registry=registry,
    )
    for one in overview(server).endpoints:
        name = str(one.endpoint.name)
        if one.active is not None:
            expiry.labels(name).set(one.active.not_after.timestamp())
        proven.labels(name).set(one.endpoint.is_proven)
        good.labels(name).set(one.health is Health.GOOD)
    return generate_latest(registry).decode()
