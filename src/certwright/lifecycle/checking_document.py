"""The answer of `check` as JSON, the same on the command line and over REST."""

from typing import Any

from certwright.lifecycle.checking import Checked
from certwright.lifecycle.checking_revocation import AskedRevocation
from certwright.machine.handshake import Handshake
from certwright.rules.finding import Finding
from certwright.x509.certificate import Certificate
from certwright.x509.revocation_answer import RevocationState
from certwright.x509.text import day, rfc3339

Document = dict[str, Any]


def checked_document(checked: Checked) -> Document:
    """What was asked, the verdict, the findings, and what they were made on.

    `for` is the first name and `names` are all. Times are RFC 3339.
    """
    question, source = checked.question, checked.source
    return {
        "source": source.label,
        "for": question.names[0].value,
        "names": [name.value for name in question.names],
        "environment": question.environment.value,
        "verdict": "pass" if checked.passed else "fail",
        "findings": [finding_document(finding) for finding in checked.findings],
        "checked_at": rfc3339(question.at),
        "format": source.format,
        "certificate": _certificate(source.candidate.certificate)
        | {"has_private_key": source.candidate.has_private_key, "is_public": checked.is_public},
        "chain": [
            _link(checked, certificate, position)
            for position, certificate in enumerate(checked.path)
        ],
        "revocation": [_revocation(one) for one in checked.revocations],
        "handshake": _handshake(source.handshake) if source.handshake else None,
    }


def finding_document(finding: Finding) -> Document:
    """A finding of a rule."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "remedy": finding.remedy,
        "reference": finding.reference,
    }


def _certificate(certificate: Certificate) -> Document:
    return {
        "subject": certificate.subject,
        "common_name": certificate.common_name,
        "names": list(certificate.names),
        "issuer": certificate.issuer,
        "serial": certificate.serial,
        "not_before": rfc3339(certificate.not_before),
        "not_after": rfc3339(certificate.not_after),
        "key": certificate.key_description,
        "signature_algorithm": certificate.signature_algorithm,
        "thumbprint": certificate.thumbprint,
        "fingerprint": certificate.fingerprint,
    }


def _link(checked: Checked, certificate: Certificate, position: int) -> Document:
    candidate = checked.source.candidate
    given = certificate == candidate.certificate or certificate in candidate.chain
    is_last = position == len(checked.path) - 1
    return {
        "name": certificate.short_name,
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "not_after": rfc3339(certificate.not_after),
        "fingerprint": certificate.fingerprint,
        "from": "source" if given else "roots",
        "state": _state(checked, certificate, is_last=is_last),
    }


def _state(checked: Checked, certificate: Certificate, *, is_last: bool) -> str:
    at = checked.question.at
    revoked = any(
        one.certificate == certificate and one.revocation.state is RevocationState.REVOKED
        for one in checked.revocations
    )
    if revoked:
        return "revoked"
    if at > certificate.not_after:
        return f"expired on {day(certificate.not_after)}"
    if at < certificate.not_before:
        return f"good only from {day(certificate.not_before)} on"
    if not is_last:
        return "good"
    if checked.is_trusted:
        return "trusted"
    if certificate.is_self_issued:
        return "not trusted here"
    return f"the certificate of its issuer, {certificate.issuer_name}, is missing"


def _revocation(one: AskedRevocation) -> Document:
    revocation = one.revocation
    return {
        "name": one.certificate.short_name,
        "fingerprint": one.certificate.fingerprint,
        "state": revocation.state.value,
        "source": revocation.source,
        "reason": revocation.reason,
        "revoked_at": revocation.revoked_at and rfc3339(revocation.revoked_at),
        "failure": revocation.failure,
        "asked": one.asked,
        "note": one.note,
    }


def _handshake(seen: Handshake) -> Document:
    return {
        "address": seen.address,
        "port": seen.port,
        "server_name": seen.server_name,
        "tls_version": seen.tls_version,
        "cipher": seen.cipher,
        "group": seen.group,
        "milliseconds": round(seen.seconds * 1000, 1),
    }
