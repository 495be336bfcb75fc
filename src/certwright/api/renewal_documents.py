"""The JSON shapes of renewals and of what is planned."""

from datetime import datetime

from certwright.api.documents import Document
from certwright.lifecycle.renewal.asking import Activation
from certwright.lifecycle.renewal.due import Plan
from certwright.lifecycle.renewal.record import Renewal
from certwright.lifecycle.renewal.story import (
    Story,
    StoryStep,
    has_failed,
    next_of,
    waits_for,
    words_of,
)
from certwright.x509.text import rfc3339


def renewal_document(renewal: Renewal) -> Document:
    """A renewal: what it is to bring, how it stands, and what happens next."""
    wanted, following = renewal.wanted, next_of(renewal)
    return {
        "id": renewal.id,
        "state": renewal.state.value,
        "failed": has_failed(renewal),
        "sentence": words_of(renewal),
        "next": {"at": _time(following.at), "sentence": following.sentence},
        "certificate": wanted.certificate,
        "issued": renewal.issued,
        "names": [name.value for name in wanted.names],
        "authority": wanted.authority,
        "rehearsed_at": wanted.rehearsed_at,
        "profile": wanted.profile.value,
        "key": wanted.key.value,
        "key_type": wanted.key_type.value,
        "key_elsewhere": wanted.signing_request is not None,
        "lifetime_seconds": round(wanted.lifetime.total_seconds()),
        "agreed": renewal.agreed,
        "attempts": renewal.attempts,
        "requested_by": wanted.actor,
        "reason": wanted.reason,
        "started_at": rfc3339(renewal.started_at),
        "finished_at": _time(renewal.finished_at),
    }


def story_document(story: Story) -> Document:
    """A renewal and its steps, those of its activations among them."""
    renewal, thumbprints = story.renewal, story.thumbprints
    return renewal_document(renewal) | {
        "certificate_thumbprint": thumbprints.get(renewal.wanted.certificate or ""),
        "issued_thumbprint": thumbprints.get(renewal.issued or ""),
        "steps": list(map(_step, story.steps)),
    }


def plan_document(plan: Plan, activations: tuple[Activation, ...]) -> Document:
    """What is to happen to a certificate in use: when, why, by whom and where."""
    certificate = plan.certificate
    return {
        "certificate": certificate.fingerprint,
        "thumbprint": certificate.thumbprint,
        "common_name": certificate.common_name,
        "names": list(certificate.names),
        "not_after": rfc3339(certificate.not_after),
        **outlook_document(plan),
        "endpoints": [
            {
                "name": one.endpoint.name,
                "window": one.endpoint.renewal.window,
                "activated_at": rfc3339(one.at),
            }
            for one in activations
        ],
    }


def outlook_document(plan: Plan) -> Document:
    """When a certificate is renewed next, why then, and by whom - or why nobody will."""
    return {
        "outlook": plan.outlook.value,
        "at": rfc3339(plan.moment.at),
        "reason": plan.moment.reason,
        "authority": plan.renewal.wanted.authority if plan.renewal else plan.authority,
        "renewal": plan.renewal.id if plan.renewal else None,
        "waits_for": waits_for(plan.renewal) if plan.renewal else None,
    }


def _step(step: StoryStep) -> Document:
    return {
        "at": rfc3339(step.at),
        "name": step.name,
        "ok": step.ok,
        "sentence": step.sentence,
        "endpoint": step.endpoint,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
