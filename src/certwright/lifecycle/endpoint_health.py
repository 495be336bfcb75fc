"""Pure: how an endpoint stands, and the sentence that says why."""

from datetime import datetime
from enum import StrEnum

from certwright.lifecycle.proof import why_failed
from certwright.rules.finding import Finding, Severity
from certwright.rules.validity import is_near_expiry, time_left
from certwright.services.endpoints import Endpoint, OwnEndpoint
from certwright.x509.certificate import Certificate
from certwright.x509.text import day


class Health(StrEnum):
    """How things stand, for the colour, the icon and the word."""

    GOOD = "good"
    ATTENTION = "attention"
    BROKEN = "broken"


def judge_endpoint(
    endpoint: Endpoint,
    active: Certificate | None,
    findings: tuple[Finding, ...],
    refusal: str | None,
    server_name: str,
    now: datetime,
) -> tuple[Health, str]:
    """Pure: the health of an endpoint, and the sentence that says why.

    `refusal` is why what is saved could not be proven when it was tried, and what to do about it;
    None if it was not tried.
    """
    is_own = isinstance(endpoint.name, OwnEndpoint)
    if endpoint.active is None:
        return (Health.BROKEN, "It serves nothing yet.") if is_own else _judge_unknown(endpoint)
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
                f"{refusal}"
            )
        do_it = "Restart the server to use it." if is_own else "Activate it to use it."
        return Health.ATTENTION, f"What is saved differs from what is served. {do_it}"
    return health, sentence


def _judge_unknown(endpoint: Endpoint) -> tuple[Health, str]:
    """A service's endpoint whose certificate is not known here: it lies where none can look."""
    if endpoint.proof is not None and "remedy" in endpoint.proof:
        return Health.BROKEN, _why_not_proven(endpoint)
    if endpoint.proof is not None and not endpoint.is_proven:
        return Health.BROKEN, "The last handshake from outside did not prove it. Select another."
    return Health.ATTENTION, "Which certificate it uses is not known here. Select one for it."


def _why_not_proven(endpoint: Endpoint) -> str:
    failed = why_failed(endpoint.proof or {})
    return f"The last handshake from outside did not prove it. {failed}".rstrip()


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
    if errors := errors_of(findings):
        return Health.BROKEN, " ".join(finding.message for finding in errors)
    if not endpoint.is_proven:
        return Health.BROKEN, _why_not_proven(endpoint)
    until = f"Right for {server_name} until {day(active.not_after)} ({time_left(active, now)})."
    if not can_be_looked_at(endpoint):
        until += " No address of it is known, so no handshake shows what it serves."
    warnings = [one.message for one in findings if one.severity is Severity.WARNING]
    if is_near_expiry(active, now):
        warnings.insert(0, "Select its successor soon.")
    if warnings:
        return Health.ATTENTION, " ".join((until, *warnings))
    return Health.GOOD, until


def can_be_looked_at(endpoint: Endpoint) -> bool:
    """Whether a handshake can show what it serves."""
    return isinstance(endpoint.name, OwnEndpoint) or bool(endpoint.addresses)


def errors_of(findings: tuple[Finding, ...]) -> list[Finding]:
    """Those that are errors."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]
