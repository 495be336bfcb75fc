"""The JSON shapes that programs outside rely on."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from certwright.lifecycle.activation_record import Activation
from certwright.rules.environment import Environment
from certwright.services.endpoints import Endpoint
from certwright.stores.store import StoredCertificate
from certwright.x509.text import rfc3339

Document = dict[str, Any]


def certificate_document(stored: StoredCertificate, now: datetime) -> Document:
    """A certificate as it lies in a store."""
    certificate = stored.certificate
    return {
        "thumbprint": certificate.thumbprint,
        "fingerprint": certificate.fingerprint,
        "subject": certificate.subject,
        "common_name": certificate.common_name,
        "names": list(certificate.names),
        "issuer": certificate.issuer,
        "serial": certificate.serial,
        "not_before": rfc3339(certificate.not_before),
        "not_after": rfc3339(certificate.not_after),
        "key": certificate.key_description,
        "key_fingerprint": certificate.key_fingerprint,
        "signature_algorithm": certificate.signature_algorithm,
        "is_authority": certificate.is_authority,
        "has_private_key": stored.has_private_key,
        "friendly_name": stored.friendly_name,
        "machine": stored.place.machine,
        "location": stored.place.location,
        "store": stored.place.store,
        "status": _status(stored, now),
        "archived": stored.archived,
    }


def _status(stored: StoredCertificate, now: datetime) -> str:
    if now < stored.certificate.not_before:
        return "not-yet-valid"
    return "expired" if now > stored.certificate.not_after else "valid"


def endpoint_document(endpoint: Endpoint, environment: Environment, port: int) -> Document:
    """An endpoint: what is saved, what is active, and the latest proof."""
    return {
        "name": endpoint.name,
        "environment": environment.value,
        "protocol": endpoint.saved.protocol.value,
        "active_protocol": endpoint.active.protocol.value if endpoint.active else None,
        "port": port,
        "saved": endpoint.saved.certificate,
        "active": endpoint.active.certificate if endpoint.active else None,
        "version": endpoint.version,
        "proof": endpoint.proof,
    }


def activation_document(activation: Activation) -> Document:
    """An activation, step by step."""
    return {
        "id": activation.id,
        "endpoint": activation.endpoint,
        "state": activation.state.value,
        "certificate": activation.choice.certificate,
        "former_certificate": activation.former.certificate if activation.former else None,
        "steps": [asdict(step) for step in activation.steps],
        "proof": activation.proof,
        "started_at": rfc3339(activation.started_at),
        "finished_at": activation.finished_at and rfc3339(activation.finished_at),
    }
